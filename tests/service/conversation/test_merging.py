"""Short messages in a row: one turn, nobody waits for nothing, and nothing is left unanswered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Timer

import pytest

from tests.fakes import ACME, message
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.dialog import Answerer, Handoff, Turn
from wecom_bot.domain.job import AnswerMessage, Lease
from wecom_bot.domain.message import MessageId, Reply
from wecom_bot.domain.phrases import Phrases
from wecom_bot.errors import OutcomeUnknown, TemporaryFailure
from wecom_bot.ports import Waiting

KNOWN = {"几点关门": "九点", "怎么退货": "七天内", "我想退\n上周的鞋": "在订单页退"}


def by_heart(turn: Turn) -> Turn:
    """Knows a few questions, and of the rest that it does not."""
    if answer := KNOWN.get(turn.text):
        return turn.say(Answerer.ARTICLE, Reply(answer), state=replace(turn.state, misses=0))
    state = replace(turn.state, misses=turn.state.misses + 1)
    return turn.say(Answerer.PHRASE, Reply("不会"), state=state)


@pytest.fixture
def house(redis_client: Client) -> House:
    made = House(redis_client, merge_window=0.3)
    made.thinker = by_heart
    return made


def say(house: House, *texts: str) -> None:
    house.inbox.put(
        ACME,
        [AnswerMessage(message(text, number, sent_at=house.clock.now()), "t") for number, text in enumerate(texts, 1)],
    )


def test_what_waits_together_is_answered_in_one_turn_in_order(house: House) -> None:
    say(house, "几点关门", "怎么退货", "几点关门")
    house.finish()
    assert house.speaker.texts == ["九点\n\n七天内\n\n九点"]
    assert house.inbox.waiting(ACME) == 0
    assert [len(each.turn.messages) for each in house.closed()] == [3]


def test_what_comes_while_the_bot_thinks_is_taken_in(house: House) -> None:
    def slowly(turn: Turn) -> Turn:
        if house.thoughts == 1:
            house.inbox.put(ACME, [AnswerMessage(message("怎么退货", 2), "t")])
        return by_heart(turn)

    house.thinker = slowly
    say(house, "几点关门")
    house.finish()
    assert house.speaker.texts == ["九点\n\n七天内"]


def test_a_sentence_in_two_messages_is_understood_as_one(house: House) -> None:
    say(house, "我想退", "上周的鞋")
    house.finish()
    assert house.speaker.texts == ["在订单页退"]


def test_an_unsure_reply_waits_for_the_rest_of_the_sentence(house: House) -> None:
    say(house, "我想退")
    later = Timer(0.1, house.inbox.put, (ACME, [AnswerMessage(message("上周的鞋", 2), "t")]))
    later.start()
    house.finish()
    later.join()
    assert house.speaker.texts == ["在订单页退"]


def test_a_sure_reply_waits_for_nothing(house: House) -> None:
    waits: list[timedelta] = []
    look = house.inbox.look

    def watched(
        lease: Lease, most: int = 100, known: Sequence[MessageId] = (), wait: timedelta = timedelta(0)
    ) -> Waiting:
        waits.append(wait)
        return look(lease, most, known, wait)

    house.inbox.look = watched  # type: ignore[method-assign]
    say(house, "几点关门")
    house.finish()
    assert waits == []


def test_several_misses_in_a_row_are_one(house: House) -> None:
    say(house, "喂", "在吗", "有人吗")
    house.finish()
    assert house.speaker.texts == ["不会"]
    (closed,) = house.closed()
    assert closed.turn.state.misses == 1


def test_a_question_we_cannot_answer_is_not_passed_over_for_one_that_we_can(house: House) -> None:
    say(house, "海外发货吗", "几点关门")
    house.finish()
    assert house.speaker.texts == ["不会\n\n九点"]


def test_what_comes_after_a_wish_for_a_human_is_for_the_human(house: House) -> None:
    def call(turn: Turn) -> Turn:
        if turn.text != "人工":
            return by_heart(turn)
        return replace(turn.say(Answerer.PHRASE, Reply("稍候")), handoff=Handoff("asked"))

    house.thinker = call
    say(house, "人工", "几点关门")
    house.finish()
    assert (house.speaker.texts, house.inbox.waiting(ACME)) == (["稍候"], 1)


def test_a_redo_of_a_merged_turn_says_the_same_and_ends_all_its_messages(house: House) -> None:
    say(house, "几点关门", "怎么退货")
    house.speaker.trouble = [TemporaryFailure("away")]
    lease = house.again()
    with pytest.raises(TemporaryFailure):
        house.answer(lease)
    house.inbox.retry(lease, timedelta(0))
    say(house, "几点关门", "怎么退货", "几点关门")
    house.finish()
    assert house.speaker.texts == ["九点\n\n七天内"]
    assert house.inbox.waiting(ACME) == 1


def test_the_same_phrase_is_said_once_for_messages_in_a_row(house: House) -> None:
    house.thinker = lambda turn: turn.say(Answerer.PHRASE, Reply("这条也记下了。"), request="message")
    say(house, "订单甲没到", "电话是一二三", "下午打")
    house.finish()
    assert house.speaker.texts == ["这条也记下了。"]


def test_what_was_taken_back_is_not_answered(house: House) -> None:
    def recall(turn: Turn) -> Turn:
        house.ledger.recall(turn.conversation, MessageId("m1"))
        return by_heart(turn)

    house.thinker = recall
    say(house, "几点关门", "怎么退货")
    house.finish()
    assert house.speaker.texts == ["七天内"]
    (closed,) = house.closed()
    assert [each.text for each in closed.turn.messages] == ["", "怎么退货"]


def test_who_takes_everything_back_hears_nothing(house: House) -> None:
    house.ledger.recall(message().conversation, MessageId("m1"))
    say(house, "几点关门")
    house.finish()
    assert (house.speaker.said, house.inbox.waiting(ACME)) == ([], 0)
    assert [each.answered for each in house.closed()] == [False]


def put_off(house: House, why: TemporaryFailure) -> None:
    """The delivery of an answer fails, and is to be tried again."""
    say(house, "几点关门")
    house.speaker.trouble = [why]
    lease = house.again()
    with pytest.raises(type(why)):
        house.answer(lease)
    house.inbox.retry(lease, timedelta(0))


def test_what_is_taken_back_while_its_delivery_is_put_off_is_not_said(house: House) -> None:
    put_off(house, TemporaryFailure("away"))
    house.ledger.recall(message().conversation, MessageId("m1"))
    house.finish()
    assert house.speaker.said == []
    (closed,) = house.closed()
    assert (closed.answered, closed.turn.reply) == (False, Reply("九点"))  # what was to be said stays in the record


@pytest.mark.parametrize("first", ["几点关门", "海外发货吗"])
def test_nobody_is_kept_waiting_by_a_flood(house: House, first: str) -> None:
    say(house, first, *(["几点关门"] * 30))
    house.finish()
    assert house.inbox.waiting(ACME) == 11


def test_what_waited_too_long_is_one_apology(house: House) -> None:
    say(house, "几点关门", "怎么退货")
    house.clock.forward(hours=13)
    house.finish()
    assert (house.speaker.handed_off, house.thoughts, len(house.speaker.said)) == (["late"], 0, 1)
    (closed,) = house.closed()
    assert len(closed.turn.messages) == 2


def test_what_was_thought_and_could_not_be_sent_for_too_long_is_an_apology_too(house: House) -> None:
    put_off(house, TemporaryFailure("away"))
    house.clock.forward(hours=13)
    house.finish()
    (said,) = house.speaker.texts
    assert said.startswith(Phrases().late)
    assert house.speaker.handed_off == ["late"]


def test_what_may_have_been_shown_in_time_is_not_followed_by_an_apology(house: House) -> None:
    put_off(house, OutcomeUnknown("no answer"))
    house.clock.forward(hours=13)
    house.finish()
    assert house.speaker.texts == ["九点"]


def test_what_was_taken_back_and_waited_too_long_is_no_apology(house: House) -> None:
    say(house, "几点关门")
    house.ledger.recall(message().conversation, MessageId("m1"))
    house.clock.forward(hours=13)
    house.finish()
    assert (house.speaker.said, house.speaker.handed_off) == ([], [])


def slow(house: House, seconds: float) -> None:
    """Every thought takes so long."""
    known = house.thinker

    def think(turn: Turn) -> Turn:
        house.clock.forward(seconds=seconds)
        return known(turn)

    house.thinker = think


def test_what_came_while_a_slow_mind_thought_is_thought_over_with_it(house: House) -> None:
    def slowly(turn: Turn) -> Turn:
        if house.thoughts == 1:
            house.inbox.put(ACME, [AnswerMessage(message("上周的鞋", 2, sent_at=house.clock.now()), "t")])
            house.clock.forward(seconds=6)
        return by_heart(turn)

    house.thinker = slowly
    say(house, "我想退")
    house.finish()
    assert house.speaker.texts == ["在订单页退"]


def test_what_is_sure_leaves_when_its_time_is_over_and_the_rest_has_a_turn_of_its_own(house: House) -> None:
    slow(house, 4)
    say(house, *["几点关门", "怎么退货"] * 5)
    house.finish()
    assert house.speaker.texts == ["九点\n\n七天内"]
    assert house.inbox.waiting(ACME) == 8


def test_what_is_not_sure_is_thought_over_once_more_with_all_that_waits(house: House) -> None:
    slow(house, 4)
    say(house, *["海外发货吗"] * 20)
    house.finish()
    assert house.speaker.texts == ["不会"]
    assert (house.inbox.waiting(ACME), house.thoughts) == (0, 4)
