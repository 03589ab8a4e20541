"""A human is called, and it shows where none came."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from tests.fakes import ACME, ScriptedSpeaker, message, tenant
from tests.service.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.dialog import Answerer, Attendant, Handoff
from wecom_bot.domain.job import GIVEN_UP, HandOff, Lease
from wecom_bot.domain.message import Attachment, Channel, ConversationId, Reply
from wecom_bot.errors import Misconfigured, Rejected, TemporaryFailure
from wecom_bot.ports import HandedOff, Line, RequestRecord
from wecom_bot.service.hand_off import CallServicer, HandOver

PHRASES = tenant().phrases
WHERE = message().conversation


class NobodyThere(ScriptedSpeaker):
    """No servicer can be asked for."""

    def hand_off(self, _conversation: ConversationId, _reason: str, _lines: Sequence[Line]) -> HandedOff:
        raise TemporaryFailure("502")


@pytest.fixture
def house(redis_client: Client) -> House:
    return House(redis_client)


def give_up(house: House, where: ConversationId = WHERE) -> None:
    job = HandOff(where, "shop", GIVEN_UP, "t")
    house.inbox.put(ACME, [job])
    lease = house.again()
    CallServicer(HandOver(house.speaker, house.ledger, house.records, house.tenants, house.clock))(lease, job)
    house.inbox.done(lease)


def requests(house: House) -> list[tuple[str, str]]:
    batch = house.outbox.take(ACME)
    kept = [each.request for each in batch.records if isinstance(each, RequestRecord)] if batch else []
    return [(each.reason, each.words) for each in kept]


def asking(house: House) -> Lease:
    house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply(PHRASES.handoff), handoff=Handoff("asked"))
    return house.lease(message("转人工"))


def test_who_was_given_up_stays_an_open_request_although_nobody_can_be_called(house: House) -> None:
    house.speaker = NobodyThere()
    with pytest.raises(TemporaryFailure):
        give_up(house)
    assert requests(house) == [(GIVEN_UP, "")]


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
        house.inbox.done(lease)
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
    give_up(house, ConversationId(ACME, Channel.APP, "1000002", "u1"))
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
        house.inbox.done(lease)
    told = [each.delivery_id for each in house.speaker.said if each.text == PHRASES.nobody]
    assert len(set(told)) == 2
