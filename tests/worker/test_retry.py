"""Done, retry or bury: by the class of the error, and by what a job stands for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wecom_bot.domain.job import AnswerMessage, HandOff, Job, KeepMessage, Lease, PullMessages, SendAgain
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.errors import (
    InboxFull,
    Misconfigured,
    MustWait,
    NotAttending,
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
IN_APP = ConversationId(ACME, Channel.APP, "1000002", "zhang")
PULL = PullMessages(ACME, "shop", "wk1", "t1", NOW, "trace-1")
HAND_OFF = HandOff(WHERE, "given_up", "trace-1")
AGAIN = SendAgain(WHERE, MessageId("m1"), 1, 2, None, "trace-1")
LIMITED = RateLimited("45009", timedelta(seconds=60))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFTEN = 200  # failures: some hours


def answer(age: timedelta = timedelta(0), where: ConversationId = WHERE) -> AnswerMessage:
    received_at = NOW - age if where.channel is Channel.APP else None
    message = InboundMessage(MessageId("m1"), where, "shop", MessageKind.TEXT, NOW - age, "在吗")
    return AnswerMessage(message, "trace-1", received_at)


KEEP = KeepMessage(answer().message, "trace-1")


def verdict(error: Exception, failure: int = 1, job: Job | None = None) -> retry.Verdict:
    return retry.verdict(error, job or answer(), failure, 10, NOW)


@pytest.mark.parametrize("error", [TemporaryFailure("x"), OutcomeUnknown("x"), InboxFull("x"), Misconfigured("x")])
def test_what_may_pass_is_tried_again_later_and_later(error: Exception) -> None:
    verdicts = [verdict(error, failure) for failure in range(1, 10)]
    pauses = [each.after for each in verdicts if isinstance(each, retry.Retry)]
    assert len(pauses) == 9
    assert all(timedelta(0) < pause <= MINUTE for pause in pauses)
    assert pauses[0] < pauses[-1]


@pytest.mark.parametrize("job", [answer(47 * HOUR), AGAIN], ids=["answer", "again"])
@pytest.mark.parametrize("error", [TemporaryFailure("x"), OutcomeUnknown("x"), InboxFull("x"), Misconfigured("x")])
def test_an_outage_of_hours_ends_no_customers_turn(error: Exception, job: Job) -> None:
    again = verdict(error, OFTEN, job)
    assert isinstance(again, retry.Retry)
    assert MINUTE / 2 <= again.after <= MINUTE
    assert again.counts


@pytest.mark.parametrize("error", [TemporaryFailure("x"), Misconfigured("x"), LIMITED, MustWait("95002")])
def test_a_customer_who_may_no_longer_be_answered_gets_the_usual_tries(error: Exception) -> None:
    late = answer(49 * HOUR)
    assert not isinstance(verdict(error, 9, late), retry.Bury)
    assert verdict(error, 10, late) == retry.Bury()
    limited = verdict(LIMITED, 9, late)
    assert isinstance(limited, retry.Retry)
    assert limited.counts  # or it would never come to ten


def test_what_has_no_time_of_its_own_is_tried_for_about_as_long() -> None:
    failures, waited = 0, timedelta(0)
    while isinstance(last := verdict(TemporaryFailure("x"), failures + 1, AGAIN), retry.Retry):
        failures, waited = failures + 1, waited + last.after
    assert last == retry.Bury()
    assert 30 * HOUR < waited < 48 * HOUR


def test_in_an_app_nothing_is_tried_when_a_repeat_would_be_shown_twice() -> None:
    for age, expected in ((3 * HOUR, retry.Retry), (4 * HOUR, retry.Bury)):
        assert isinstance(verdict(TemporaryFailure("x"), OFTEN, answer(age, IN_APP)), expected)


@pytest.mark.parametrize("job", [answer(where=IN_APP), HandOff(IN_APP, "given_up", "trace-1")])
def test_in_an_app_what_may_have_been_shown_is_not_repeated_for_long(job: Job) -> None:
    assert isinstance(verdict(OutcomeUnknown("x"), 9, job), retry.Retry)
    assert verdict(OutcomeUnknown("x"), 10, job) == retry.Bury()


@pytest.mark.parametrize("job", [KEEP, HAND_OFF], ids=["keep", "a handoff, which left an open request"])
@pytest.mark.parametrize("error", [TemporaryFailure("x"), Misconfigured("x"), NotAttending("x")])
def test_what_no_customer_waits_for_has_a_number_of_tries(error: Exception, job: Job) -> None:
    assert isinstance(verdict(error, 9, job), retry.Retry)
    assert verdict(error, 10, job) == retry.Bury()


@pytest.mark.parametrize("job", [answer(47 * HOUR), PULL, HAND_OFF], ids=["answer", "pull", "handoff"])
def test_a_rate_limit_is_waited_out_and_is_no_failure(job: Job) -> None:
    waited = verdict(LIMITED, 99, job)
    assert isinstance(waited, retry.Retry)
    assert timedelta(seconds=60) <= waited.after <= timedelta(seconds=80)
    assert not waited.counts


def test_when_the_customer_must_write_first_that_is_waited_for_as_long_as_they_may_be_answered() -> None:
    parked: list[timedelta] = []
    while isinstance(last := verdict(MustWait("95001"), len(parked) + 1, answer(sum(parked, timedelta()))), retry.Park):
        parked.append(last.at_most)
    assert last == retry.Bury()
    assert 48 * HOUR < sum(parked, timedelta()) < 54 * HOUR
    assert isinstance(verdict(MustWait("95001"), OFTEN), retry.Park)  # an outage before does not shorten it


def test_a_call_for_a_human_does_not_wait_for_the_customer_for_ever() -> None:
    for age, expected in ((HOUR, retry.Park), (49 * HOUR, retry.Bury)):  # an event that wakes it is no try
        assert isinstance(verdict(MustWait("95001"), 99, replace(AGAIN, wait_since=NOW - age)), expected)
    assert isinstance(verdict(MustWait("ended"), 9, HAND_OFF), retry.Park)
    assert verdict(MustWait("ended"), 10, HAND_OFF) == retry.Bury()


def test_people_who_move_a_conversation_again_and_again_are_called_to_it() -> None:
    assert isinstance(verdict(NotAttending("95016"), 9), retry.Retry)
    assert verdict(NotAttending("95016"), 10) == retry.Bury()


@pytest.mark.parametrize("job", [answer(), HAND_OFF], ids=["answer", "handoff"])
@pytest.mark.parametrize("error", [Rejected("40058"), Unknown("no such tenant")])
def test_what_can_never_succeed_is_buried_at_once(error: Exception, job: Job) -> None:
    assert verdict(error, 1, job) == retry.Bury()


def test_a_bug_gets_two_more_chances() -> None:
    assert isinstance(verdict(ValueError("客户的话"), 2), retry.Retry)
    assert verdict(ValueError("客户的话"), 3) == retry.Bury()
    assert retry.reason(ValueError("客户的话")) == "ValueError"


@pytest.mark.parametrize("failure", [10, 5000])
@pytest.mark.parametrize(
    "error",
    [
        *(TemporaryFailure("x"), InboxFull("x"), LIMITED, ValueError("x")),
        *(Misconfigured("95004"), Rejected("99999"), NotAttending("95016"), MustWait("95001")),
    ],
)
def test_a_pull_is_never_given_up_whatever_refuses_it(error: Exception, failure: int) -> None:
    again = verdict(error, failure, PULL)
    assert isinstance(again, retry.Retry)
    assert timedelta(seconds=30) <= again.after <= timedelta(seconds=80)


def test_a_pull_goes_with_its_tenant_but_not_while_that_may_only_be_news() -> None:
    assert isinstance(verdict(Unknown("no such app"), 9, PULL), retry.Retry)
    assert verdict(Unknown("no such app"), 10, PULL) == retry.Bury()


def test_operators_are_told_of_a_pull_that_only_they_can_mend() -> None:
    for refusal in (Rejected("99999"), Misconfigured("95004")):
        assert retry.advice(refusal, PULL)
        assert retry.advice(refusal, answer()) is None
    for other in (TemporaryFailure("x"), LIMITED, Unknown("x"), ValueError("x")):
        assert retry.advice(other, PULL) is None


def test_only_what_has_had_many_tries_without_an_end_is_taken_for_a_killer_of_workers() -> None:
    def leased(attempt: int, failures: int) -> Lease:
        return Lease(ACME, PULL.mailbox, "token", (PULL,), attempt, NOW, failures)

    assert not retry.taken_for_a_killer(leased(20, 0), 10)
    assert retry.taken_for_a_killer(leased(21, 0), 10)
    assert not retry.taken_for_a_killer(leased(5000, 4990), 10)


def test_what_cannot_be_read_leaves_a_human_where_it_was_a_customers() -> None:
    lease = Lease(PULL.corp_id, answer().mailbox, "token", (), 1, NOW)
    assert retry.in_place_of_unreadable(lease, "t1") == HandOff(answer().message.conversation, "given_up", "t1")
    assert retry.in_place_of_unreadable(replace(lease, mailbox=PULL.mailbox), "t1") is None


def test_only_a_customers_message_leaves_a_human_in_its_place() -> None:
    assert retry.in_its_place(answer()) == replace(HAND_OFF, words="在吗")
    assert retry.in_its_place(PULL) is None
    assert retry.in_its_place(HAND_OFF) is None
