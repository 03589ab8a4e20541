"""Who attends from now on, and what becomes of the rest of the state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wecom_bot.domain.attendance import found, handed_off, left_to_bot, queued, returned, taken
from wecom_bot.domain.dialog import Attendant, DialogState

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TALK = DialogState("wm1-1", NOW - HOUR, NOW - HOUR, intent="ask", slots={"item": "伞"}, misses=1)


@pytest.mark.parametrize("attendant", Attendant)
def test_the_rest_of_the_state_stays(attendant: Attendant) -> None:
    state = handed_off(TALK, "wm1", NOW, attendant)
    assert (state.attendant, state.attendant_since) == (attendant, NOW)
    assert (state.session_id, state.slots, state.misses) == (TALK.session_id, TALK.slots, TALK.misses)


@pytest.mark.parametrize("before", [None, replace(TALK, last_at=NOW - 25 * HOUR, called=("r1",))])
def test_who_attends_a_new_talk_attends_no_old_one(before: DialogState | None) -> None:
    state = queued(before, "wm1", NOW, "r2")
    assert (state.started_at, state.slots, state.called) == (NOW, {}, ("r2",))


def test_requests_wait_as_long_as_the_queue_each_once() -> None:
    state = TALK
    for request_id in ("r1", "", "r2", "r1"):
        state = queued(state, "wm1", NOW, request_id)
    assert state.called == ("r1", "r2")
    for ended in (taken(state, "wm1", NOW), returned(state, "wm1", NOW), left_to_bot(state, "wm1", NOW)):
        assert ended.called == ()


def test_when_a_servicer_ended_is_the_latest_end() -> None:
    first = returned(TALK, "wm1", NOW, served_until=NOW)
    again = returned(first, "wm1", NOW, served_until=NOW - HOUR)
    assert (again.attendant, again.served_until) == (Attendant.BOT, NOW)
    assert taken(again, "wm1", NOW).served_until == NOW


def test_who_was_asked_for_a_message_may_leave_it_the_next_morning() -> None:
    asked = left_to_bot(TALK, "wm1", NOW)
    assert DialogState.resume(asked, "wm1", NOW + 9 * HOUR, timedelta(minutes=30)).leaving_message
    assert not taken(asked, "wm1", NOW + HOUR).leaving_message


def test_where_nobody_is_the_bot_goes_on_and_asks_for_a_message() -> None:
    assert handed_off(TALK, "wm1", NOW, Attendant.BOT) == left_to_bot(TALK, "wm1", NOW)


def test_who_is_found_to_attend_is_waited_for_only_in_the_queue() -> None:
    waiting = queued(TALK, "wm1", NOW, "r1")
    assert found(waiting, "wm1", NOW, Attendant.QUEUE).called == ("r1",)
    assert found(waiting, "wm1", NOW, Attendant.SERVICER) == taken(waiting, "wm1", NOW)
