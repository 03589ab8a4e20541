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
    verdicts = [retry.verdict(error, attempt, 10) for attempt in range(1, 10)]
    pauses = [each.after for each in verdicts if isinstance(each, retry.Retry)]
    assert len(pauses) == 9
    assert all(timedelta(0) < pause <= timedelta(minutes=1) for pause in pauses)
    assert pauses[0] < pauses[-1]
    assert retry.verdict(error, 10, 10) == retry.Bury()


def test_a_rate_limit_is_waited_out_however_often() -> None:
    verdict = retry.verdict(RateLimited("45009", timedelta(seconds=60)), 99, 10)
    assert isinstance(verdict, retry.Retry)
    assert timedelta(seconds=60) <= verdict.after <= timedelta(seconds=80)


def test_when_the_customer_must_write_first_that_is_waited_for_as_long_as_they_may_be_answered() -> None:
    verdicts = [retry.verdict(MustWait("95001"), attempt, 10) for attempt in range(1, 11)]
    parked = [each.at_most for each in verdicts if isinstance(each, retry.Park)]
    assert timedelta(hours=40) < sum(parked, timedelta()) <= timedelta(hours=48)
    assert verdicts[-1] == retry.Bury()


@pytest.mark.parametrize("error", [Rejected("40058"), Unknown("no such tenant")])
def test_what_can_never_succeed_is_buried_at_once(error: Exception) -> None:
    assert retry.verdict(error, 1, 10) == retry.Bury()


def test_a_bug_gets_two_more_chances() -> None:
    assert isinstance(retry.verdict(ValueError("客户的话"), 2, 10), retry.Retry)
    assert retry.verdict(ValueError("客户的话"), 3, 10) == retry.Bury()
    assert retry.reason(ValueError("客户的话")) == "ValueError"
