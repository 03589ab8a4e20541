"""Where Coze's words, and what goes to Coze, end."""

import json
from collections.abc import Iterator

import pytest

from tests.dialog.turns import tenant, turn
from wecom_bot.adapters.coze import sse
from wecom_bot.adapters.coze.chat import MOST_ANSWERS, MOST_TEXT, Listener
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.outgoing import MOST_TEXT as MOST_SAID
from wecom_bot.adapters.coze.outgoing import Outgoing

PHONE = "13812345678"


def said(text: str, number: int = 0, kind: str = "delta") -> sse.Event:
    message = {"type": "answer", "id": str(number), "content": text}
    return sse.Event(f"conversation.message.{kind}", json.dumps(message))


def test_an_answer_is_heard_to_its_greatest_length_and_given_up_beyond() -> None:
    listener = Listener()
    for _ in range(MOST_TEXT // 100):
        listener.take(said("a" * 100))
    listener.take(said("b" * MOST_TEXT, kind="completed"))  # the whole, instead of its pieces
    assert listener.text() == "b" * MOST_TEXT
    with pytest.raises(Failed):
        listener.take(said("c", 1))


def test_a_chat_of_very_many_answers_is_given_up() -> None:
    listener = Listener()
    for number in range(MOST_ANSWERS):
        listener.take(said("a", number))
    with pytest.raises(Failed):
        listener.take(said("a", MOST_ANSWERS))


def test_a_stream_without_an_end_is_not_read_to_it() -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b": ping\n" * 10_000

    with pytest.raises(Failed):
        list(sse.events(chunks()))
    assert read <= sse.MOST_IN_ALL // 70_000 + 1


@pytest.mark.parametrize("place", range(MOST_SAID - 13, MOST_SAID + 2))
def test_a_number_at_the_cut_does_not_leave(place: int) -> None:
    text = "很" * place + PHONE + "好" * 1000
    shown = Outgoing(tenant(), turn(text)).said()
    assert len(shown) <= MOST_SAID
    assert "1381" not in shown
    assert shown.startswith("很" * (MOST_SAID - 13))


@pytest.mark.parametrize("length", range(MOST_SAID + 489, MOST_SAID + 502))
def test_a_number_at_the_end_of_what_is_looked_at_does_not_leave(length: int) -> None:
    phones = f"{PHONE} " * 100  # masked they are as long
    text = phones + "很" * (length - len(phones)) + PHONE + "好" * 1000
    assert "1381" not in Outgoing(tenant(), turn(text)).said()


def test_of_merged_messages_the_beginning_leaves() -> None:
    shown = Outgoing(tenant(), turn(*["很" * 1000] * 20)).said()
    assert shown == "\n".join(["很" * 1000] * 20)[:MOST_SAID]
