from dataclasses import replace
from typing import Any

import pytest

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.track_state import TrackState
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import FALLBACK, Answerer, Intent, Turn
from wecom_bot.domain.message import Choice, Reply

ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{6,20}(?![0-9])", "ask": "订单号是多少？"}
SIZE = {"name": "size", "pattern": "[SML](?:码|号)?", "ask": "什么尺码？"}
REASON = {"name": "reason", "pattern": ".{2,}", "ask": "什么原因？"}
SHOP = tenant(
    intents=[
        {"name": "order", "slots": [ORDER_ID], "lookup": "order"},
        {"name": "exchange", "slots": [ORDER_ID, SIZE, REASON]},
        {"name": "remark", "examples": ["发什么快递"]},
    ],
    phrases={"cancelled": "好，不查了"},
)


def tracked(*said: str, intent: str = FALLBACK.name, heard: dict[str, str] | None = None, **state: Any) -> Turn:
    score = 0.0 if intent == FALLBACK.name else 0.9
    return TrackState(Wished())(SHOP, replace(turn(*said, **state), intent=Intent(intent, score), heard=heard or {}))


def test_an_intent_is_remembered_and_the_slots_beside_it_filled() -> None:
    after = tracked("我要换货，单号222222，换L码", intent="exchange")
    assert after.state.intent == "exchange"
    assert after.state.slots == after.heard == {"order_id": "222222", "size": "L码"}


def test_slots_are_merged_and_a_new_value_replaces_its_own_old_one_only() -> None:
    after = tracked("不是这个订单，是333333", intent="exchange", slots={"order_id": "222222", "size": "L", "old": "x"})
    assert after.state.slots == {"order_id": "333333", "size": "L", "old": "x"}
    assert after.heard == {"order_id": "333333"}


def test_what_the_recogniser_read_goes_before_what_the_pattern_finds() -> None:
    after = tracked("111111还是222222", intent="order", heard={"order_id": "222222"})
    assert after.state.slots == {"order_id": "222222"}


def asked_for(slot: str, said: str, *, during: str = "exchange", intent: str = FALLBACK.name, **state: Any) -> Turn:
    """What is tracked of words said after the bot asked for a slot of the intent `during`."""
    score = 0.0 if intent == FALLBACK.name else 0.9
    before = turn(said, intent=during, asking=slot, asked=1, **state)
    return TrackState(Wished())(SHOP, replace(before, intent=Intent(intent, score)))


def test_the_answer_to_our_question_closes_it_and_goes_on_with_the_intent() -> None:
    after = asked_for("order_id", "222222", slots={"size": "L"})
    assert (after.state.asking, after.state.asked) == (None, 0)
    assert after.state.slots == {"size": "L", "order_id": "222222"}
    assert (after.intent, after.recognizer) == (Intent("exchange", 1.0), "dialog")


def test_no_answer_leaves_the_question_open() -> None:
    after = asked_for("order_id", "我找找")
    assert (after.state.asking, after.state.asked) == ("order_id", 1)
    assert after.intent == FALLBACK


def test_an_answer_to_something_else_is_progress_and_the_count_begins_anew() -> None:
    after = asked_for("order_id", "要L码的")
    assert after.heard == {"size": "L码"}
    assert (after.state.asking, after.state.asked) == ("order_id", 0)


def test_a_slot_that_any_words_fit_is_heard_only_as_an_answer() -> None:
    assert "reason" not in tracked("我要换货", intent="exchange").heard
    assert asked_for("reason", "袖子破了").heard == {"reason": "袖子破了"}
    assert asked_for("reason", "发什么快递", intent="remark").heard == {}
    assert "reason" not in asked_for("reason", "查订单", intent="order").state.slots


def test_another_intent_takes_over_keeps_the_slots_and_drops_the_question() -> None:
    after = asked_for("size", "先查一下订单", intent="order", slots={"order_id": "222222"})
    assert after.state.intent == "order"
    assert (after.state.asking, after.state.asked) == (None, 0)
    assert after.state.slots == {"order_id": "222222"}


def test_an_answer_beside_another_intent_is_not_lost() -> None:
    assert asked_for("size", "L码。先查一下订单", intent="order").state.slots == {"size": "L码"}


@pytest.mark.parametrize("label", ["remark", "chitchat"])
def test_an_intent_with_nothing_to_do_is_noted_for_its_turn_only(label: str) -> None:
    after = asked_for("order_id", "你们发什么快递", during="order", intent=label)
    assert after.intent.name == label
    assert (after.state.intent, after.state.asking) == ("order", "order_id")
    assert tracked("你好", intent=label).state.intent == label  # there is no other


@pytest.mark.parametrize(
    "said",
    ["算了", "取消", "不查了", "那算了吧", "不用了，谢谢", "谢谢，不用了", "还是算了，不查了", "别问了", "不想查了"],
)
def test_who_would_rather_not_answer_is_let_go(said: str) -> None:
    after = asked_for("order_id", said, during="order", slots={"size": "L"}, offered=(Choice("a", "甲"),))
    assert after.reply == Reply("好，不查了")
    assert after.answerer is Answerer.PHRASE
    assert (after.state.asking, after.state.asked, after.state.offered) == (None, 0, ())
    assert after.state.slots == {"size": "L"}


@pytest.mark.parametrize(
    "said", ["取消订单怎么弄", "不知道怎么查", "没有收到", "不对", "别", "算了，我要查订单222222", "还是" * 1000]
)
def test_other_words_cancel_nothing(said: str) -> None:
    assert not asked_for("order_id", said, during="order").settled


def test_without_a_question_there_is_nothing_to_cancel() -> None:
    assert not tracked("算了", intent="order").settled


def test_an_intent_that_is_said_with_such_a_word_goes_before_it() -> None:
    assert not asked_for("size", "取消", intent="order").settled


def test_a_value_that_reads_like_a_cancellation_is_a_value() -> None:
    yes_or_no = {"name": "choice", "pattern": "保留|取消", "ask": "保留还是取消？"}
    own = tenant(intents=[{"name": "booking", "slots": [yes_or_no]}])
    after = TrackState(Wished())(own, turn("取消", intent="booking", asking="choice", asked=1))
    assert after.heard == {"choice": "取消"}


def test_a_bare_number_that_fits_a_lookup_asks_for_it() -> None:
    after = tracked("222222")
    assert (after.state.intent, after.state.slots) == ("order", {"order_id": "222222"})
    assert after.intent == Intent("order", 1.0)
    assert tracked("我有222222个问题").state.intent is None
    assert tracked("222222", intent="chitchat").state.intent == "order"  # a label that nobody defines tells nothing
    assert tracked("222222", intent="remark").state.intent == "remark"


def test_a_question_that_the_tenant_has_withdrawn_is_forgotten() -> None:
    after = TrackState(Wished())(tenant(), turn("222222", intent="order", asking="order_id", asked=1))
    assert (after.state.asking, after.state.asked) == (None, 0)


def test_a_phone_number_is_no_order_number_that_nobody_asked_for() -> None:
    assert tracked("13812345678").heard == {}
    assert asked_for("order_id", "13812345678", during="order").heard == {"order_id": "13812345678"}


@pytest.mark.parametrize(
    "said", ["没有", "我没有订单号", "不知道订单号", "我不知道订单号是多少", "忘了订单号了", "找不到订单号啊"]
)
def test_who_has_not_what_we_ask_for_is_asked_no_more(said: str) -> None:
    for intent in (FALLBACK.name, "order"):
        after = asked_for("order_id", said, during="order", intent=intent, misses=1)
        assert (after.reply, after.answerer) == (Reply(SHOP.phrases.not_at_hand), Answerer.PHRASE)
        assert (after.state.asking, after.state.asked, after.state.misses) == (None, 0, 1)


def test_not_knowing_answers_a_question_that_any_words_answer() -> None:
    assert asked_for("reason", "我不知道").heard == {"reason": "我不知道"}
