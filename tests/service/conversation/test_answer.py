"""One turn, safe to redo: what is thought once is said once, and never nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import ACME, message, tenant
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.dialog import Answerer, Attendant, Handoff, Turn
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.message import Channel, Reply
from wecom_bot.errors import LeaseLost, NotAttending, OutcomeUnknown, TemporaryFailure


@pytest.fixture
def house(redis_client: Client) -> House:
    return House(redis_client)


def test_a_message_is_answered_and_its_turn_goes_to_the_outbox(house: House) -> None:
    house.answer(house.lease(message("几点关门")))
    assert house.speaker.texts == ["答：几点关门"]
    assert [(record.answered, record.turn.trace_id) for record in house.closed()] == [(True, "trace-1")]


def test_a_redo_thinks_nothing_again_and_speaks_no_more_than_a_repeat_of_the_last_part(house: House) -> None:
    house.thinker = lambda turn: turn.say(Answerer.ARTICLE, Reply("一|二"))
    lease = house.lease(message())
    house.answer(lease)
    house.answer(lease)  # as if the worker had died before it ended the lease, which marks the last part
    one, two, again = house.speaker.said
    assert (one.text, two.text, two.repeat) == ("一", "二", None)
    assert (again.text, again.delivery_id, again.repeat is not None) == ("二", two.delivery_id, True)
    assert (house.thoughts, len(house.closed())) == (1, 1)


def test_a_redo_says_only_what_is_not_marked_sent(house: House) -> None:
    house.thinker = lambda turn: turn.say(Answerer.ARTICLE, Reply("一|二|三"))
    house.speaker.trouble = [None, TemporaryFailure("away")]
    lease = house.lease(message())
    with pytest.raises(TemporaryFailure):
        house.answer(lease)
    house.answer(lease)
    assert house.speaker.texts == ["一", "二", "三"]
    assert len({said.delivery_id for said in house.speaker.said}) == 3
    assert all(said.repeat is None for said in house.speaker.said)


def test_what_may_have_been_shown_is_repeated_as_a_repeat_under_the_same_id(house: House) -> None:
    house.speaker.trouble = [OutcomeUnknown("no answer"), TemporaryFailure("refused"), None]
    lease = house.lease(message())
    for expected in (OutcomeUnknown, TemporaryFailure):
        with pytest.raises(expected):
            house.answer(lease)
    house.answer(lease)
    (said,) = house.speaker.said
    assert said.repeat is not None
    assert (len(said.delivery_id), said.delivery_id.isalnum()) == (32, True)


def test_a_reply_to_more_messages_does_not_pass_for_the_reply_to_the_first(house: House, redis_client: Client) -> None:
    house.answer(house.lease(message("一", 1)))
    redis_client.flushall()  # and the record does not know it yet
    house.inbox.put(ACME, [AnswerMessage(message("一", 1), "t"), AnswerMessage(message("二", 2), "t")])
    house.answer(house.again())
    first, both = house.speaker.said
    assert "二" in both.text
    assert both.delivery_id != first.delivery_id


@pytest.mark.parametrize("error", [TemporaryFailure("search is away"), ValueError("a bug, with 客户的话 in it")])
def test_a_failure_to_think_ends_in_the_tenants_phrase(
    house: House, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_turn: Turn) -> Turn:
        raise error

    house.thinker = fail
    house.answer(house.lease(message("我的话")))
    assert house.speaker.texts == [tenant().phrases.trouble]
    assert "客户的话" not in caplog.text


def test_the_bot_is_silent_while_a_servicer_attends_and_remembers_that_it_listened(house: House) -> None:
    house.speaker.attendant = Attendant.SERVICER
    house.answer(house.lease(message()))
    assert (house.thoughts, house.speaker.said) == (0, [])
    (closed,) = house.closed()
    assert not closed.answered
    assert closed.turn.state.attendant is Attendant.SERVICER


def test_a_servicer_who_takes_over_while_the_bot_thinks_silences_it(house: House) -> None:
    def taken() -> None:
        house.speaker.attendant = Attendant.SERVICER

    house.speaker.before_send = taken
    house.speaker.trouble = [NotAttending("95018", 95018)]
    lease = house.lease(message())
    house.answer(lease)
    assert house.speaker.said == []
    state = house.ledger.dialog(message().conversation)
    assert state is not None
    assert state.attendant is Attendant.SERVICER


def test_a_session_that_ended_meanwhile_is_taken_again_and_answered(house: House) -> None:
    house.speaker.trouble = [NotAttending("95018", 95018)]
    house.answer(house.lease(message()))
    assert len(house.speaker.said) == 1
    assert house.speaker.asked_for_certain == 2  # at first contact, and after the refusal


def test_who_asks_for_a_human_hears_so_first_and_then_gets_one_once(house: House) -> None:
    house.thinker = lambda turn: replace(turn.say(Answerer.PHRASE, Reply("稍候")), handoff=Handoff("asked"))
    lease = house.lease(message("转人工"))
    house.answer(lease)
    house.answer(lease)
    assert (house.speaker.texts, house.speaker.handed_off) == (["稍候"], ["asked"])
    state = house.ledger.dialog(message().conversation)
    assert state is not None
    assert state.attendant is Attendant.QUEUE


def test_state_is_applied_once_however_often_the_turn_is_redone(house: House) -> None:
    def count(turn: Turn) -> Turn:
        state = replace(turn.state, misses=turn.state.misses + 1)
        return replace(turn.say(Answerer.PHRASE, Reply("?")), state=state)

    house.thinker = count
    house.speaker.trouble = [TemporaryFailure("away"), OutcomeUnknown("away")]
    lease = house.lease(message())
    for _ in range(2):
        with pytest.raises(TemporaryFailure):
            house.answer(lease)
    house.answer(lease)
    state = house.ledger.dialog(message().conversation)
    assert state is not None
    assert state.misses == 1


def test_a_worker_that_lost_its_lease_says_nothing_more(house: House) -> None:
    house.thinker = lambda turn: turn.say(Answerer.ARTICLE, Reply("一|二"))
    lease = house.lease(message())

    def lose() -> None:
        house.inbox.give_back(lease)
        house.speaker.before_send = lambda: None

    house.speaker.before_send = lose
    with pytest.raises(LeaseLost):
        house.answer(lease)
    assert house.speaker.texts == ["一"]
    house.answer(house.again())
    assert house.speaker.texts == ["一", "一", "二"]
    assert house.speaker.said[1].repeat is not None


def test_after_a_loss_of_redis_the_record_says_what_was_answered(house: House, redis_client: Client) -> None:
    old = message("昨天的", sent_at=house.clock.now() - timedelta(hours=5))
    house.records.known.add((old.conversation, old.message_id))
    redis_client.flushall()
    lease = house.lease(old)
    house.answer(lease)
    house.done(lease)
    assert house.speaker.said == []
    house.answer(house.lease(message("也是昨天的", 2, sent_at=old.sent_at)))
    assert house.speaker.texts == ["答：也是昨天的"]


def test_nobody_asks_the_record_about_what_comes_by_live_callbacks_only(house: House) -> None:
    said = message("在吗", sent_at=house.clock.now() - timedelta(minutes=1))
    in_app = replace(said, conversation=replace(said.conversation, channel=Channel.APP, account="1000002"))
    house.answer(house.lease(in_app))
    assert (house.speaker.texts, house.records.asked) == (["答：在吗"], 0)
    house.answer(house.lease(message("你好", 2, sent_at=said.sent_at)))
    assert house.records.asked == 1


def test_a_tenant_that_was_switched_off_is_not_spoken_for(house: House) -> None:
    lease = house.lease(message())
    house.tenants.tenants[ACME] = tenant(active=False)
    house.answer(lease)
    assert (house.thoughts, house.speaker.said) == (0, [])


def test_thirty_minutes_of_silence_begin_a_new_session(house: House) -> None:
    sessions = []
    for number, minutes in ((1, 0), (2, 29), (3, 31)):
        house.clock.forward(minutes=minutes)
        lease = house.lease(message(number=number, sent_at=house.clock.now()))
        house.answer(lease)
        house.done(lease)
        state = house.ledger.dialog(message().conversation)
        assert state is not None
        sessions.append(state.session_id)
    assert sessions[0] == sessions[1] != sessions[2]
    assert sessions[0].startswith("wm1-")


def test_where_attendance_changed_since_the_last_word_wecom_is_asked_again(house: House) -> None:
    lease = house.lease(message())
    house.answer(lease)
    house.clock.forward(minutes=1)
    house.attended(lease, Attendant.BOT)  # a servicer was here, and is gone
    house.done(lease)
    asked = house.speaker.asked_for_certain
    house.answer(house.lease(message(number=2, sent_at=house.clock.now())))
    assert house.speaker.asked_for_certain == asked + 1
