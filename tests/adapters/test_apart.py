"""Vectors on native threads: who asks is not kept waiting by what was written."""

import os
import sys
from threading import Event

import pytest

from wecom_bot.adapters.search.apart import Apart

PATIENCE = 20  # seconds, for a failure


def number(text: str, most: int) -> tuple[float, int]:
    return float(text), most


def priority(_text: str, _most: int) -> tuple[float, int]:
    return os.getpriority(os.PRIO_PROCESS, 0), 0


def test_vectors_come_in_the_order_of_their_texts() -> None:
    texts = [(str(each), 64) for each in range(100)]
    assert [vector[0] for vector in Apart(number).all(texts)] == list(range(100))


def test_a_question_is_answered_while_what_was_written_is_under_way() -> None:
    asked = Event()

    def waits(text: str, most: int) -> tuple[float, int]:
        if text == "1":
            assert asked.wait(PATIENCE)
        return number(text, most)

    apart = Apart(waits)
    written = apart._written.spawn(apart._part, [("1", 64)])  # noqa: SLF001 - as `all` hands it over
    assert apart.one("2", 64)[0] == 2
    assert not written.ready()
    asked.set()
    assert written.get(timeout=PATIENCE) == [(1, 64)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_only_what_was_written_gives_way() -> None:
    ours, apart = os.getpriority(os.PRIO_PROCESS, 0), Apart(priority)
    assert apart.all([("", 64)])[0][0] >= 10
    assert apart.one("", 64)[0] == ours == os.getpriority(os.PRIO_PROCESS, 0)
