"""What a machine that is lost may have answered is not answered again; a human is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import ACME, message
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.job import GIVEN_UP, AnswerMessage, HandOff, KeepMessage
from wecom_bot.ports import TicketOpened
from wecom_bot.service.conversation.unknown_time import RESTORED, owed


@pytest.fixture
def house(redis_client: Client) -> House:
    """It was restored: the lost machine answered for the last time ten minutes ago."""
    made = House(redis_client)
    made.unknown_until = made.clock.now() - timedelta(minutes=10)
    return made


def asked(house: House, words: str, number: int, ago: float) -> AnswerMessage:
    return AnswerMessage(message(words, number, sent_at=house.clock.now() - timedelta(minutes=ago)), "t")


def requests(house: House) -> list[tuple[str, str]]:
    batch = house.outbox.take(ACME)
    assert batch is not None
    return [(each.request.reason, each.request.words) for each in batch.records if isinstance(each, TicketOpened)]


@pytest.mark.parametrize("ago", [10, 30, 24 * 60])
def test_what_was_said_before_the_loss_is_not_answered_but_listed(house: House, ago: float) -> None:
    house.inbox.put(ACME, [asked(house, "几点关门", 1, ago)])
    house.finish()
    assert (house.speaker.said, house.thoughts) == ([], 0)
    assert requests(house) == [(RESTORED, "几点关门")]


def test_what_was_said_after_it_is_answered(house: House) -> None:
    house.inbox.put(ACME, [asked(house, "先说的", 1, 11), asked(house, "后说的", 2, 9)])
    house.finish()
    house.finish()
    assert [each.text for each in house.speaker.said] == ["答：后说的"]
    assert requests(house) == [(RESTORED, "先说的")]


def test_what_a_servicer_saw_to_is_not_listed(house: House) -> None:
    theirs = KeepMessage(replace(message("我来答", 2), servicer="alice"), "t")
    house.inbox.put(ACME, [asked(house, "几点关门", 1, 30), theirs])
    house.finish()
    assert house.speaker.said == []
    assert requests(house) == []


def test_what_the_record_knows_is_not_listed(house: House) -> None:
    known = asked(house, "几点关门", 1, 30)
    house.records.known.add((known.message.conversation, known.message.message_id))
    house.inbox.put(ACME, [known])
    house.finish()
    assert house.speaker.said == []
    assert house.outbox.take(ACME) is None


def test_work_that_waited_makes_the_same_request_as_a_turn_over_it(house: House) -> None:
    job = asked(house, "几点关门", 1, 30)
    waited = owed(job, house.clock.now())
    house.inbox.put(ACME, [job])
    house.finish()
    batch = house.outbox.take(ACME)
    assert batch is not None
    (listed,) = (each for each in batch.records if isinstance(each, TicketOpened))
    assert listed.request.request_id == waited.request.request_id
    assert (waited.request.reason, waited.request.words) == (RESTORED, "几点关门")


def test_a_wish_for_a_human_stays_one(house: House) -> None:
    wish = HandOff(message().conversation, GIVEN_UP, "t", "几点关门")
    kept = owed(wish, house.clock.now()).request
    assert (kept.reason, kept.words) == (GIVEN_UP, "几点关门")
