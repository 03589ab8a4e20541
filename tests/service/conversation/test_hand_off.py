"""A human is called, and it shows where none came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from tests.fakes import ACME, NoContacts, ScriptedSpeaker, message, tenant
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.dialog import Answerer, Attendant, Handoff
from wecom_bot.domain.event import InboundEvent, SessionChange, SessionChanged
from wecom_bot.domain.job import GIVEN_UP, HandOff, KeepMessage, Lease, ObserveEvent
from wecom_bot.domain.message import Attachment, Channel, ConversationId, MessageId, Reply
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure
from wecom_bot.ports import Entry, HandedOff, Line, TicketClosed, TicketOpened
from wecom_bot.service.conversation.hand_off import CallServicer, HandOver
from wecom_bot.service.conversation.keep import Keep
from wecom_bot.service.conversation.observe import Observe

PHRASES = tenant().phrases
WHERE = message().conversation
IN_APP = ConversationId(ACME, Channel.APP, "1000002", "u1")


class NobodyThere(ScriptedSpeaker):
    """No servicer can be asked for."""

    def hand_off(self, _conversation: ConversationId, _reason: str, _lines: Sequence[Line]) -> HandedOff:
        raise TemporaryFailure("502")


@pytest.fixture
def house(redis_client: Client) -> House:
    return House(redis_client)


def give_up(house: House, where: ConversationId = WHERE) -> None:
    job = HandOff(where, GIVEN_UP, "t", "在吗")
    house.inbox.put(ACME, [job])
    lease = house.again()
    CallServicer(HandOver(house.speaker, house.ledger, house.records, house.tenants, house.clock))(lease, job)
    house.done(lease)


def taken_from(house: House) -> tuple[Entry, ...]:
    """What stands in the outbox, which then holds it no more."""
    batch = house.outbox.take(ACME)
    if batch is None:
        return ()
    house.outbox.drop(batch)
    return batch.records


def requests(house: House) -> list[tuple[str, str]]:
    kept = [each.request for each in taken_from(house) if isinstance(each, TicketOpened)]
    return [(each.reason, each.words) for each in kept]


def asking(house: House) -> Lease:
    house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply(PHRASES.handoff), handoff=Handoff("asked"))
    return house.lease(message("转人工"))


def test_who_was_given_up_stays_an_open_request_although_nobody_can_be_called(house: House) -> None:
    house.speaker = NobodyThere()
    with pytest.raises(TemporaryFailure):
        give_up(house)
    assert requests(house) == [(GIVEN_UP, "在吗")]


def test_while_wecom_can_call_nobody_the_request_is_open_and_after_a_while_the_customer_hears_so(house: House) -> None:
    speaker, house.speaker = house.speaker, NobodyThere()
    lease = asking(house)
    with pytest.raises(TemporaryFailure):
        house.answer(lease)
    assert requests(house) == [("asked", "转人工")]
    house.clock.forward(minutes=3)
    house.answer(lease)
    assert house.speaker.texts == [PHRASES.handoff, PHRASES.nobody]
    state = house.ledger.dialog(WHERE)
    assert state is not None
    assert (state.attendant, state.leaving_message) == (Attendant.BOT, True)
    assert speaker.handed_off == []


def test_a_limit_that_lasts_longer_than_a_customer_waits_is_nobody_at_once(house: House) -> None:
    class Limited(ScriptedSpeaker):
        def hand_off(self, _conversation: ConversationId, _reason: str, _lines: Sequence[Line]) -> HandedOff:
            raise RateLimited("45009", timedelta(hours=1))

    house.speaker = Limited()
    house.answer(asking(house))
    assert house.speaker.texts == [PHRASES.handoff, PHRASES.nobody]
    assert requests(house) == [("asked", "转人工")]


@pytest.mark.parametrize("came", ["a servicer's words", "an event"])
def test_who_waits_in_the_queue_is_an_open_request_until_somebody_comes(house: House, came: str) -> None:
    house.speaker.handed = HandedOff(Attendant.QUEUE)
    lease = asking(house)
    house.answer(lease)
    house.done(lease)
    opened = taken_from(house)
    (asked,) = [each.request for each in opened if isinstance(each, TicketOpened)]
    assert (asked.reason, asked.closed_at) == ("asked", None)
    happening = SessionChanged(SessionChange.TAKEN, "alice")
    event = InboundEvent(MessageId("e1"), WHERE, "shop", "session_status_change", house.clock.now(), happening)
    taken, words = ObserveEvent(event, "t"), KeepMessage(replace(message("您好", 2), servicer="alice"), "t")
    house.inbox.put(ACME, [taken if came == "an event" else words])
    lease = house.again()
    for _ in range(2):  # only who waits is waited for
        if came == "an event":
            Observe(house.tenants, house.inbox, house.speaker, house.ledger, NoContacts(), house.clock)(lease, taken)
        else:
            Keep(house.ledger, house.clock)(lease, words)
    closed = [each for each in taken_from(house) if isinstance(each, TicketClosed)]
    assert [each.request_id for each in closed] == [asked.request_id]


def test_a_member_who_was_promised_a_human_stays_an_open_request(house: House) -> None:
    """In an app nobody tells us whether anybody came."""
    house.speaker.handed = HandedOff(Attendant.SERVICER)
    house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply(PHRASES.handoff), handoff=Handoff("asked"))
    house.answer(house.lease(replace(message("转人工"), conversation=IN_APP)))
    assert requests(house) == [("asked", "转人工")]


def test_an_answer_that_came_too_late_stays_listed_and_is_counted_once_although_a_servicer_took_over(
    house: House,
) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("wecom_bot_requests_total", {"reason": "late"}) or 0

    before, asked_at = counted(), house.clock.now()
    house.clock.forward(hours=13)
    for number, attendant in enumerate((Attendant.SERVICER, Attendant.QUEUE), 1):
        house.speaker.handed = HandedOff(attendant)
        late = message("没到", number, sent_at=asked_at)
        lease = house.lease(replace(late, conversation=replace(WHERE, customer=attendant.value)))
        house.answer(lease)
        house.done(lease)
    left = [each for each in taken_from(house) if isinstance(each, TicketOpened | TicketClosed)]
    assert [each.request.reason for each in left if isinstance(each, TicketOpened)] == ["late", "late"]
    assert not any(isinstance(each, TicketClosed) for each in left)
    assert counted() == before + 2


def test_a_servicer_who_takes_it_at_once_leaves_no_open_request(house: House) -> None:
    house.speaker.handed = HandedOff(Attendant.SERVICER, "alice")
    house.answer(asking(house))
    assert requests(house) == []


def test_a_servicer_who_takes_it_after_a_pause_closes_what_was_left_meanwhile(house: House) -> None:
    class LimitedOnce(ScriptedSpeaker):
        def hand_off(self, _conversation: ConversationId, _reason: str, _lines: Sequence[Line]) -> HandedOff:
            if not self.handed_off:
                self.handed_off.append("limited")
                raise RateLimited("45009", timedelta(seconds=1))
            return HandedOff(Attendant.SERVICER, "alice")

    house.speaker = LimitedOnce()
    lease = asking(house)
    with pytest.raises(RateLimited):
        house.answer(lease)
    house.inbox.retry(lease, timedelta(0), counts=False)
    house.finish()
    left = [each for each in taken_from(house) if isinstance(each, TicketOpened | TicketClosed)]
    opened, closed = left
    assert isinstance(opened, TicketOpened)
    assert isinstance(closed, TicketClosed)
    assert closed.request_id == opened.request.request_id


def test_who_comes_from_the_queue_comes_for_all_that_waits_there(house: House) -> None:
    house.speaker.handed = HandedOff(Attendant.QUEUE)
    house.answer(lease := asking(house))
    house.done(lease)
    give_up(house)
    opened = {each.request.request_id for each in taken_from(house) if isinstance(each, TicketOpened)}
    assert len(opened) == 2
    words = KeepMessage(replace(message("您好", 3), servicer="alice"), "t")
    house.inbox.put(ACME, [words])
    Keep(house.ledger, house.clock)(house.again(), words)
    assert {each.request_id for each in taken_from(house) if isinstance(each, TicketClosed)} == opened


def test_who_was_promised_a_human_hears_that_none_is_there_and_may_leave_a_message(house: House) -> None:
    house.speaker.handed = HandedOff(Attendant.BOT)
    house.answer(asking(house))
    assert house.speaker.texts == [PHRASES.handoff, PHRASES.nobody]
    state = house.ledger.dialog(WHERE)
    assert state is not None
    assert (state.attendant, state.leaving_message) == (Attendant.BOT, True)
    assert requests(house) == [("asked", "转人工")]


def test_handoffs_and_what_is_left_for_people_are_counted(house: House) -> None:
    def counted() -> list[float | None]:
        handoffs = [{"reason": "asked", "to": to} for to in ("servicer", "nobody")]
        found = [REGISTRY.get_sample_value("wecom_bot_handoffs_total", labels) for labels in handoffs]
        return [*found, REGISTRY.get_sample_value("wecom_bot_requests_total", {"reason": "asked"})]

    before = [each or 0 for each in counted()]
    for number, attendant in enumerate((Attendant.SERVICER, Attendant.BOT, Attendant.BOT), 1):
        house.speaker.handed = HandedOff(attendant)
        house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply(PHRASES.handoff), handoff=Handoff("asked"))
        lease = house.lease(replace(message("转人工", number), conversation=replace(WHERE, customer=f"wm{number}")))
        house.answer(lease)
        house.done(lease)
    assert counted() == [each + more for each, more in zip(before, (1, 2, 2), strict=True)]


def test_a_handoff_that_wecom_forbids_is_as_if_nobody_was_there(house: House) -> None:
    class Forbidden(ScriptedSpeaker):
        def hand_off(self, _conversation: ConversationId, _reason: str, _lines: Sequence[Line]) -> HandedOff:
            raise Misconfigured("48002 no permission", 48002)

    house.speaker = Forbidden()
    house.answer(asking(house))
    assert house.speaker.texts == [PHRASES.handoff, PHRASES.nobody]
    assert requests(house) == [("asked", "转人工")]


def test_a_member_hears_that_a_human_comes_when_the_bot_gives_up(house: House) -> None:
    house.speaker.handed = HandedOff(Attendant.SERVICER, "alice")
    give_up(house, IN_APP)
    assert house.speaker.texts == [PHRASES.handoff]


def test_a_refused_picture_does_not_undo_the_answer_above_it(house: House) -> None:
    picture = Attachment("image", picture="map.png")
    house.thinker = lambda turn: turn.say(Answerer.ARTICLE, Reply("答案", attachments=(picture,)))
    house.speaker.trouble = [None, Rejected("95030", 95030)]
    house.answer(house.lease(message()))
    assert house.speaker.texts == ["答案"]
    assert [each.answered for each in house.closed()] == [True]


def test_each_of_two_who_hear_that_nobody_is_there_hears_it(house: House) -> None:
    house.speaker.handed = HandedOff(Attendant.BOT)
    for number in (1, 2):
        house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply(PHRASES.handoff), handoff=Handoff("asked"))
        lease = house.lease(message("转人工", number))
        house.answer(lease)
        house.done(lease)
    told = [each.delivery_id for each in house.speaker.said if each.text == PHRASES.nobody]
    assert len(set(told)) == 2
