"""What happens beside what is said: welcomes within their time, repeats only where they help, and who attends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import ACME, KF, NoContacts, message, tenant
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.dialog import Answerer, Attendant
from wecom_bot.domain.event import (
    Entered,
    FailureReason,
    Happening,
    InboundEvent,
    Noticed,
    Recalled,
    SendFailed,
    SessionChange,
    SessionChanged,
)
from wecom_bot.domain.job import AnswerMessage, Job, KeepMessage, Lease, ObserveEvent, SendAgain
from wecom_bot.domain.message import Channel, ConversationId, MessageId, Reply
from wecom_bot.domain.tenant import App, KfAccount, Tenant
from wecom_bot.errors import MustWait, NotAttending, RateLimited, Rejected, TemporaryFailure
from wecom_bot.ports import Contact, EventRecord, MessageRecord
from wecom_bot.service.conversation.deliver import Deliver, delivery_id
from wecom_bot.service.conversation.hand_off import HandOver
from wecom_bot.service.conversation.keep import Keep
from wecom_bot.service.conversation.observe import Observe
from wecom_bot.service.conversation.send_again import RepeatPart

WHERE = message().conversation
IN_APP = ConversationId(ACME, Channel.APP, "1000002", "zhangsan")


class Ming:
    """Everybody is 小明, for who asks WeCom."""

    def get(self, _conversation: ConversationId) -> Contact | None:
        return None

    def look_up(self, _conversation: ConversationId) -> Contact | None:
        return None

    def find_out(self, _conversation: ConversationId) -> Contact | None:
        return Contact("小明")


def welcoming() -> Tenant:
    account = KfAccount(open_kfid=KF, app="shop", welcome="{nickname}您好")
    return tenant(apps=[App(name="shop", agent_id=1000002, welcome="欢迎")], kf_accounts=[account])


@pytest.fixture
def house(redis_client: Client) -> House:
    made = House(redis_client)
    made.tenants.tenants[ACME] = welcoming()
    return made


def event(house: House, happening: Happening, where: ConversationId = WHERE, number: int = 1) -> ObserveEvent:
    made = InboundEvent(MessageId(f"e{number}"), where, "shop", happening.what, house.clock.now(), happening)
    return ObserveEvent(made, "trace-1")


def leased(house: House, job: Job) -> Lease:
    house.inbox.put(ACME, [job])
    return house.again()


def observe(house: House, job: ObserveEvent, contacts: NoContacts | Ming | None = None) -> str:
    house.inbox.put(ACME, [job])
    return observe_next(house, job, contacts)


def observe_next(house: House, job: ObserveEvent, contacts: NoContacts | Ming | None = None) -> str:
    lease = house.again()
    use_case = Observe(house.tenants, house.inbox, house.speaker, house.ledger, contacts or NoContacts(), house.clock)
    house.inbox.done(lease, use_case(lease, job))
    batch = house.outbox.take(ACME)
    assert batch is not None
    house.outbox.drop(batch)
    *_, record = batch.records
    assert isinstance(record, EventRecord)
    return record.outcome


def test_a_customer_who_enters_is_welcomed_by_name_and_code(house: House) -> None:
    assert observe(house, event(house, Entered("code1")), Ming()) == "said"
    assert house.speaker.said_by_code == [("code1", "小明您好")]


@pytest.mark.parametrize("welcome", ["{nickname}您好", "{nickname}，您好", "您好"])
def test_nobody_is_called_by_a_name_that_we_do_not_know(house: House, welcome: str) -> None:
    house.tenants.tenants[ACME] = tenant(kf_accounts=[KfAccount(open_kfid=KF, app="shop", welcome=welcome)])
    observe(house, event(house, Entered("code1")))
    assert house.speaker.texts == ["您好"]


def test_a_welcome_that_comes_too_late_is_not_tried(house: House) -> None:
    job = event(house, Entered("code1"))
    house.clock.forward(minutes=2, seconds=21)
    assert (observe(house, job), house.speaker.said) == ("too_late", [])


def test_a_welcome_is_said_although_our_clock_runs_ahead(house: House) -> None:
    job = event(house, Entered("code1"))
    house.clock.forward(seconds=90)
    assert observe(house, job) == "said"


def test_that_a_servicer_took_over_may_be_said_late_and_that_one_ended_may_not(house: House) -> None:
    taken = event(house, SessionChanged(SessionChange.TAKEN, "alice", "code1"))
    ended = event(house, SessionChanged(SessionChange.ENDED, "", "code2"), number=2)
    house.clock.forward(hours=1)
    assert (observe(house, taken), observe(house, ended)) == ("said", "too_late")
    assert house.speaker.said_by_code == [("code1", tenant().phrases.taken)]


@pytest.mark.parametrize(("code", "welcome"), [("", "您好"), ("code1", "")])
def test_without_a_code_or_without_words_there_is_no_welcome(house: House, code: str, welcome: str) -> None:
    house.tenants.tenants[ACME] = tenant(kf_accounts=[KfAccount(open_kfid=KF, app="shop", welcome=welcome)])
    assert (observe(house, event(house, Entered(code))), house.speaker.said) == ("kept", [])


def test_a_code_that_was_used_is_no_trouble(house: House) -> None:
    house.speaker.trouble = [Rejected("41050", 41050)]
    assert observe(house, event(house, Entered("code1"))) == "refused"


def test_a_welcome_is_tried_again_when_wecom_is_away(house: House) -> None:
    house.speaker.trouble = [TemporaryFailure("away")]
    with pytest.raises(TemporaryFailure):
        observe(house, event(house, Entered("code1")))


def test_a_member_is_welcomed_to_an_app_once_a_day(house: House) -> None:
    outcomes = []
    for number, hours in enumerate((0, 1, 25)):
        house.clock.forward(hours=hours)
        outcomes.append(observe(house, event(house, Entered(), IN_APP, number)))
    assert outcomes == ["said", "kept", "said"]


@pytest.mark.parametrize("change", [SessionChange.TAKEN, SessionChange.TRANSFERRED, SessionChange.REENTERED])
def test_who_takes_a_conversation_attends_it(house: House, change: SessionChange) -> None:
    observe(house, event(house, SessionChanged(change, "alice")))
    state = house.ledger.dialog(WHERE)
    assert state is not None
    assert state.attendant is Attendant.SERVICER


def test_at_its_end_the_conversation_comes_back_to_the_bot_who_says_so(house: House) -> None:
    observe(house, event(house, SessionChanged(SessionChange.TAKEN, "alice")))
    assert observe(house, event(house, SessionChanged(SessionChange.ENDED, "", "code2"), number=2)) == "said"
    assert house.speaker.said_by_code == [("code2", tenant().phrases.ended)]
    state = house.ledger.dialog(WHERE)
    assert state is not None
    assert state.attendant is Attendant.BOT


@pytest.mark.parametrize("happening", [Recalled(MessageId("m1")), Noticed()])
def test_everything_else_is_kept(house: House, happening: Happening) -> None:
    assert observe(house, event(house, happening)) == "kept"


def answered(house: House, words: str = "九点") -> str:
    """A message that was answered; the id of its first part."""
    house.thinker = lambda turn: turn.say(Answerer.ARTICLE, Reply(words))
    house.inbox.put(ACME, [AnswerMessage(message(sent_at=house.clock.now()), "t")])
    house.finish()
    (closed,) = house.closed()
    return delivery_id(closed.turn, 1)


def repeat(house: House) -> None:
    """What waits, done as the loop would."""
    lease = house.again()
    job = lease.jobs[0]
    assert isinstance(job, SendAgain)
    hand_over = HandOver(house.speaker, house.ledger, house.records, house.tenants, house.clock)
    again = RepeatPart(house.inbox, house.ledger, Deliver(house.speaker, house.ledger, hand_over, house.clock))
    try:
        ending = again(lease, job)
    except MustWait:
        house.inbox.park(lease, timedelta(hours=1))
        raise
    house.inbox.done(lease, ending)


def test_what_was_not_shown_for_no_known_reason_is_said_again_under_a_new_id_three_times_in_all(house: House) -> None:
    sent_as = answered(house)
    for number in range(2):
        assert observe(house, event(house, SendFailed(sent_as, FailureReason.UNKNOWN), number=number)) == "sent_again"
        repeat(house)
        sent_as = house.speaker.said[-1].delivery_id
    assert observe(house, event(house, SendFailed(sent_as, FailureReason.UNKNOWN), number=9)) == "unknown"
    assert house.speaker.texts == ["九点"] * 3
    assert len({each.delivery_id for each in house.speaker.said}) == 3


def test_what_the_customer_must_write_for_waits_until_they_do(house: House) -> None:
    failed = SendFailed(answered(house), FailureReason.WAIT, 6)
    observe(house, event(house, failed))
    with pytest.raises(MustWait):
        repeat(house)
    assert house.inbox.lease("tester", timedelta(seconds=9), timedelta(0)) is None
    write(house, "还在吗")
    repeat(house)
    assert house.speaker.texts == ["九点", "九点"]


def write(house: House, words: str) -> None:
    house.clock.forward(seconds=5)
    house.inbox.put(ACME, [AnswerMessage(message(words, 2, sent_at=house.clock.now()), "t")])


def test_all_parts_that_were_not_shown_come_when_the_customer_writes_and_before_the_answer(house: House) -> None:
    answered(house, "甲|乙")
    failures = [SendFailed(said.delivery_id, FailureReason.WAIT, 6) for said in house.speaker.said]
    failed = [event(house, each, number=number) for number, each in enumerate(failures)]
    house.inbox.put(ACME, failed)
    for each in failed:
        observe_next(house, each)
    with pytest.raises(MustWait):
        repeat(house)
    house.thinker = lambda turn: turn.say(Answerer.ARTICLE, Reply("在的"))
    write(house, "还在吗")
    repeat(house)
    repeat(house)
    house.finish()
    assert house.speaker.texts == ["甲", "乙", "甲", "乙", "在的"]
    assert house.inbox.waiting(ACME) == 0


def test_who_wrote_before_the_failure_was_heard_of_need_not_write_again(house: House) -> None:
    failed = event(house, SendFailed(answered(house), FailureReason.WAIT, 6))
    write(house, "还在吗")
    house.finish()
    observe(house, failed)
    repeat(house)
    assert house.speaker.texts == ["九点", "九点", "九点"]


def test_nothing_is_repeated_while_somebody_else_attends(house: House) -> None:
    observe(house, event(house, SendFailed(answered(house), FailureReason.UNKNOWN)))
    house.speaker.trouble = [NotAttending("95018", 95018)]
    house.speaker.attendant = Attendant.SERVICER
    repeat(house)
    assert house.speaker.texts == ["九点"]
    assert house.inbox.waiting(ACME) == 0


def test_a_welcome_that_wecom_limits_for_too_long_holds_up_nobody(house: House) -> None:
    house.speaker.trouble = [RateLimited("45009", timedelta(seconds=60))]
    assert observe(house, event(house, Entered("code1"))) == "too_late"


@pytest.mark.parametrize("reason", [FailureReason.REFUSED, FailureReason.STOP])
def test_what_no_repeat_can_help_is_not_repeated(house: House, reason: FailureReason) -> None:
    failed = SendFailed(answered(house), reason, 10)
    assert observe(house, event(house, failed)) == reason.value
    assert house.inbox.waiting(ACME) == 0


def test_a_failure_of_a_message_that_is_not_ours_is_kept(house: House) -> None:
    assert observe(house, event(house, SendFailed("somebody's", FailureReason.UNKNOWN))) == "unknown_message"


def test_a_servicers_words_are_kept_and_silence_the_bot(house: House) -> None:
    job = KeepMessage(replace(message("我来"), servicer="alice"), "t")
    lease = leased(house, job)
    house.inbox.done(lease, Keep(house.ledger, house.clock)(lease, job))
    state = house.ledger.dialog(WHERE)
    assert state is not None
    assert state.attendant is Attendant.SERVICER
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert [each.message for each in batch.records if isinstance(each, MessageRecord)] == [job.message]
