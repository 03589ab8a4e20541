"""Done, retry or bury: by the class of the error alone."""

from datetime import timedelta

import pytest

from wecom_bot.errors import (
    InboxFull,
    Misconfigured,
    MustWait,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryFailure,
    Unknown,
)
from wecom_bot.worker import retry


@pytest.mark.parametrize("error", [TemporaryFailure("x"), OutcomeUnknown("x"), InboxFull("x"), Misconfigured("x")])
def test_what_may_pass_is_tried_again_later_and_later_and_then_given_up(error: Exception) -> None:
    delays = [retry.delay(error, attempt, 10) for attempt in range(1, 10)]
    assert all(delay is not None and timedelta(0) < delay <= timedelta(minutes=1) for delay in delays)
    first, last = delays[0], delays[-1]
    assert first is not None
    assert last is not None
    assert first < last
    assert retry.delay(error, 10, 10) is None


def test_a_rate_limit_is_waited_out_however_often() -> None:
    delay = retry.delay(RateLimited("45009", timedelta(seconds=60)), 99, 10)
    assert delay is not None
    assert timedelta(seconds=60) <= delay <= timedelta(seconds=80)


@pytest.mark.parametrize("error", [Rejected("40058"), MustWait("95001"), Unknown("no such tenant")])
def test_what_can_never_succeed_is_buried_at_once(error: Exception) -> None:
    assert retry.delay(error, 1, 10) is None


def test_a_bug_gets_two_more_chances() -> None:
    assert retry.delay(ValueError("客户的话"), 2, 10) is not None
    assert retry.delay(ValueError("客户的话"), 3, 10) is None
    assert retry.reason(ValueError("客户的话")) == "ValueError"
