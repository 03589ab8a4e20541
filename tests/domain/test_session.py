from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Choice
from wecom_bot.domain.session_id import SESSION_ID_MOST

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TIMEOUT = timedelta(minutes=30)
FIRST = DialogState.resume(None, "wm1", NOON, TIMEOUT)
BUSY = replace(
    FIRST,
    attendant=Attendant.SERVICER,
    attendant_since=NOON,
    intent="order",
    slots={"order_id": "1"},
    asking="size",
    asked=2,
    offered=(Choice("a", "甲"),),
    misses=2,
    writer_memory="conversation",
)


def test_the_session_id_is_the_customers_and_the_start() -> None:
    assert FIRST.session_id == f"wm1-{int(NOON.timestamp() * 1000)}"


def test_within_half_an_hour_everything_is_remembered() -> None:
    assert DialogState.resume(BUSY, "wm1", NOON + TIMEOUT, TIMEOUT) == replace(BUSY, last_at=NOON + TIMEOUT)


def test_after_it_a_new_session_remembers_only_who_attends() -> None:
    later = NOON + TIMEOUT + timedelta(milliseconds=1)
    after = DialogState.resume(BUSY, "wm1", later, TIMEOUT)
    fresh = DialogState.resume(None, "wm1", later, TIMEOUT)
    assert after == replace(fresh, attendant=Attendant.SERVICER, attendant_since=NOON)
    assert after.session_id != BUSY.session_id


ASKED = replace(FIRST, leaving_message=True, message_at=NOON)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("before", "after", "stands"),
    [
        (ASKED, TIMEOUT * 2, True),
        (ASKED, DAY, True),
        (ASKED, DAY + timedelta(seconds=1), False),
        (replace(ASKED, message_at=None), DAY, True),  # as an older release wrote it
        (replace(ASKED, attendant_since=NOON - DAY), DAY, True),
        (replace(ASKED, attendant_since=NOON + TIMEOUT), DAY, False),
        (replace(ASKED, leaving_message=False), TIMEOUT * 2, False),
    ],
)
def test_the_offer_to_take_a_message_outlives_the_session_by_a_day(
    before: DialogState, after: timedelta, *, stands: bool
) -> None:
    state = DialogState.resume(before, "wm1", NOON + after, TIMEOUT)
    assert state.session_id != before.session_id
    assert (state.leaving_message, state.takes_message(NOON + after)) == (stands, stands)
    assert state.message_at == (before.message_at if stands else None)


def test_more_of_a_message_may_come_for_some_minutes() -> None:
    taken = replace(FIRST, message_at=NOON)
    assert taken.adds_to_message(NOON + timedelta(minutes=5))
    assert not taken.takes_message(NOON + timedelta(minutes=6))
    assert not FIRST.takes_message(NOON)
    assert not ASKED.adds_to_message(NOON)


@pytest.mark.parametrize("customer", ["w" * 114, "w" * 115, "w" * 10_000, "客" * 500, "\ud800" * 200])
def test_the_session_id_fits_whatever_the_customers_id(customer: str) -> None:
    assert len(DialogState.resume(None, customer, NOON, TIMEOUT).session_id) <= SESSION_ID_MOST


def test_long_customer_ids_that_begin_alike_have_sessions_of_their_own() -> None:
    ids = {DialogState.resume(None, "w" * 200 + end, NOON, TIMEOUT).session_id for end in ("a", "b")}
    assert len(ids) == 2
