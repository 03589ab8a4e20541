"""Done, retry or bury: by the class of the error, and by what a job stands for."""

from datetime import UTC, datetime, timedelta

import pytest

from wecom_bot.domain.job import AnswerMessage, HandOff, Job, Lease, PullMessages
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
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

ACME = CorpId("ww_acme")
NOW = datetime(2030, 1, 3, tzinfo=UTC)
WHERE = ConversationId(ACME, Channel.KF, "wk1", "wm1")
PULL = PullMessages(ACME, "shop", "wk1", "t1", NOW, "trace-1")
HAND_OFF = HandOff(WHERE, "shop", "given_up", "trace-1")
LIMITED = RateLimited("45009", timedelta(seconds=60))


def answer(age: timedelta = timedelta(0)) -> AnswerMessage:
    return AnswerMessage(InboundMessage(MessageId("m1"), WHERE, "shop", MessageKind.TEXT, NOW - age, "在吗"), "trace-1")


def verdict(error: Exception, failure: int = 1, job: Job | None = None) -> retry.Verdict:
    return retry.verdict(error, job or answer(), failure, 10, NOW)


@pytest.mark.parametrize("error", [TemporaryFailure("x"), OutcomeUnknown("x"), InboxFull("x"), Misconfigured("x")])
def test_what_may_pass_is_tried_again_later_and_later_and_then_given_up(error: Exception) -> None:
    verdicts = [verdict(error, failure) for failure in range(1, 10)]
    pauses = [each.after for each in verdicts if isinstance(each, retry.Retry)]
    assert len(pauses) == 9
    assert all(timedelta(0) < pause <= timedelta(minutes=1) for pause in pauses)
    assert pauses[0] < pauses[-1]
    assert verdict(error, 10) == retry.Bury()


@pytest.mark.parametrize("job", [answer(timedelta(hours=47)), PULL, HAND_OFF], ids=["answer", "pull", "handoff"])
def test_a_rate_limit_is_waited_out_and_is_no_failure(job: Job) -> None:
    waited = verdict(LIMITED, 99, job)
    assert isinstance(waited, retry.Retry)
    assert timedelta(seconds=60) <= waited.after <= timedelta(seconds=80)
    assert not waited.counts


def test_a_rate_limit_is_not_waited_out_when_the_customer_may_no_longer_be_answered() -> None:
    assert verdict(LIMITED, 1, answer(timedelta(hours=49))) == retry.Bury()


def test_when_the_customer_must_write_first_that_is_waited_for_as_long_as_they_may_be_answered() -> None:
    verdicts = [verdict(MustWait("95001"), failure) for failure in range(1, 11)]
    parked = [each.at_most for each in verdicts if isinstance(each, retry.Park)]
    assert timedelta(hours=40) < sum(parked, timedelta()) <= timedelta(hours=48)
    assert verdicts[-1] == retry.Bury()


@pytest.mark.parametrize("job", [answer(), PULL, HAND_OFF], ids=["answer", "pull", "handoff"])
@pytest.mark.parametrize("error", [Rejected("40058"), Unknown("no such tenant")])
def test_what_can_never_succeed_is_buried_at_once(error: Exception, job: Job) -> None:
    assert verdict(error, 1, job) == retry.Bury()


def test_a_bug_gets_two_more_chances() -> None:
    assert isinstance(verdict(ValueError("客户的话"), 2), retry.Retry)
    assert verdict(ValueError("客户的话"), 3) == retry.Bury()
    assert retry.reason(ValueError("客户的话")) == "ValueError"


@pytest.mark.parametrize("failure", [10, 5000])
@pytest.mark.parametrize("error", [TemporaryFailure("x"), InboxFull("x"), Misconfigured("x"), LIMITED, ValueError("x")])
def test_a_pull_is_never_given_up_for_what_may_be_mended(error: Exception, failure: int) -> None:
    again = verdict(error, failure, PULL)
    assert isinstance(again, retry.Retry)
    assert timedelta(seconds=30) <= again.after <= timedelta(seconds=80)


def test_only_what_has_had_many_tries_without_an_end_is_taken_for_a_killer_of_workers() -> None:
    def leased(attempt: int, failures: int) -> Lease:
        return Lease(ACME, PULL.mailbox, "token", (PULL,), attempt, NOW, failures)

    assert not retry.crashed_too_often(leased(20, 0), 10)
    assert retry.crashed_too_often(leased(21, 0), 10)
    assert not retry.crashed_too_often(leased(5000, 4990), 10)


def test_only_a_customers_message_leaves_a_human_in_its_place() -> None:
    assert retry.in_its_place(answer()) == HAND_OFF
    assert retry.in_its_place(PULL) is None
    assert retry.in_its_place(HAND_OFF) is None
