"""Open tickets: one for each matter, and the same one at every redo."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.fakes import message
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.message import MessageKind
from wecom_bot.service.conversation.tickets import turns_ticket

NOW = datetime.now(UTC)


def about(number: int, trace_id: str = "a pull's") -> str:
    turn = Turn(message().conversation, (message("没到", number),), trace_id, NOW, DialogState("s", NOW, NOW))
    return turns_ticket("late", turn, NOW).request.request_id


def test_two_turns_of_one_pull_are_two_requests() -> None:
    assert about(1) != about(2)


def test_another_reason_for_the_same_turn_is_the_same_request() -> None:
    turn = Turn(message().conversation, (message("没到"),), "t", NOW, DialogState("s", NOW, NOW))
    assert len({turns_ticket(reason, turn, NOW).request.request_id for reason in ("message", "late")}) == 1


def test_what_was_sent_without_words_is_named() -> None:
    picture = replace(message("", 2), kind=MessageKind.IMAGE)
    turn = Turn(picture.conversation, (message("碎了"), picture), "t", NOW, DialogState("s", NOW, NOW))
    assert turns_ticket("message", turn, NOW).request.words == "碎了\n[图片]"


def test_a_redo_is_the_same_request() -> None:
    assert about(1) == about(1, trace_id="another")
