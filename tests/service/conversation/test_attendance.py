"""Who attends: what people dealt with is not answered once more by the bot."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import ACME, NoContacts, message
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.dialog import Answerer, Attendant
from wecom_bot.domain.event import InboundEvent, SessionChange, SessionChanged
from wecom_bot.domain.job import AnswerMessage, Job, KeepMessage, ObserveEvent
from wecom_bot.domain.message import MessageId, Reply
from wecom_bot.errors import MustWait, TemporaryFailure
from wecom_bot.ports import TicketOpened
from wecom_bot.service.conversation.observe import Observe


@pytest.fixture
def house(redis_client: Client) -> House:
    return House(redis_client)


def asked(house: House, words: str, number: int) -> AnswerMessage:
    return AnswerMessage(message(words, number, sent_at=house.clock.now()), "t")


def servicers(words: str, number: int) -> KeepMessage:
    return KeepMessage(replace(message(words, number), servicer="alice"), "t")


def ended(house: House, *, first: bool = False) -> ObserveEvent:
    happening = SessionChanged(SessionChange.ENDED, "", "code")
    where, now = message().conversation, house.clock.now()
    by = {"old_servicer_userid": "alice"}
    made = InboundEvent(MessageId("e1"), where, "shop", "session_status_change", now, happening, by)
    return ObserveEvent(made, "t", now + timedelta(seconds=20) if first else None)


def put(house: House, *jobs: Job) -> None:
    house.inbox.put(ACME, jobs)


def next_is_answered_in_silence(house: House) -> None:
    house.finish()
    assert house.speaker.said == []
    assert [each.answered for each in house.closed()] == [False]


def test_what_a_servicer_answered_while_nothing_ran_is_not_answered_again(house: House) -> None:
    put(house, asked(house, "问一", 1), servicers("答一", 2))
    house.clock.forward(minutes=5)
    next_is_answered_in_silence(house)


def test_what_was_said_before_a_servicer_ended_is_not_answered(house: House) -> None:
    put(house, asked(house, "谢谢", 1), ended(house))
    house.speaker.attendant = None
    next_is_answered_in_silence(house)


def test_what_was_said_to_a_servicer_is_not_answered_although_the_end_was_looked_at_first(house: House) -> None:
    put(house, asked(house, "怎么退货", 1))
    house.clock.forward(seconds=5)
    put(house, ended(house, first=True))
    house.speaker.attendant = None
    lease = house.again()
    (job,) = lease.jobs
    assert isinstance(job, ObserveEvent)
    Observe(house.tenants, house.inbox, house.speaker, house.ledger, NoContacts(), house.clock)(lease, job)
    house.done(lease)
    house.speaker.said.clear()  # that it has ended
    next_is_answered_in_silence(house)
    house.clock.forward(seconds=5)
    house.speaker.attendant = Attendant.BOT
    put(house, asked(house, "几点关门", 2))
    house.finish()
    assert house.speaker.texts[-1] == "答：几点关门"


def test_what_was_said_to_a_servicer_before_an_end_without_notice_is_not_answered(house: House) -> None:
    lease = house.lease(message("人工", 1))
    house.attended(lease, Attendant.SERVICER)
    house.done(lease)
    put(house, asked(house, "谢谢", 2))
    house.speaker.attendant = None
    next_is_answered_in_silence(house)


def test_what_came_before_an_end_that_nobody_brought_about_waits_for_the_customer(house: House) -> None:
    put(house, asked(house, "问一", 1))
    house.speaker.attendant = None
    with pytest.raises(MustWait):
        house.finish()


def test_an_answer_that_was_put_off_is_not_said_once_a_servicer_spoke(house: House) -> None:
    house.speaker.trouble = [TemporaryFailure("away")]
    put(house, asked(house, "问一", 1))
    lease = house.again()
    with pytest.raises(TemporaryFailure):
        house.answer(lease)
    put(house, servicers("答一", 2))
    house.inbox.retry(lease, timedelta(0))
    next_is_answered_in_silence(house)


def test_a_message_left_for_humans_is_kept_although_a_servicer_spoke(house: House) -> None:
    house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply("已记下|谢谢"), request="message")
    house.speaker.trouble = [None, TemporaryFailure("away")]
    put(house, asked(house, "请打我电话", 1))
    lease = house.again()
    with pytest.raises(TemporaryFailure):
        house.answer(lease)
    put(house, servicers("在", 2))
    house.inbox.retry(lease, timedelta(0))
    house.finish()
    batch = house.outbox.take(ACME)
    assert batch is not None
    kept = [each.request for each in batch.records if isinstance(each, TicketOpened)]
    assert {(each.request_id, each.words) for each in kept} == {(kept[0].request_id, "请打我电话")}


def test_what_came_before_an_end_in_the_queue_that_nobody_took_waits_for_the_customer(house: House) -> None:
    lease = house.lease(message("人工", 1))
    house.attended(lease, Attendant.QUEUE)
    house.done(lease)
    put(house, asked(house, "还在吗", 2))
    house.speaker.attendant = None
    with pytest.raises(MustWait):
        house.finish()
