from dataclasses import dataclass, field

import pytest

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.recognize_intent import RecognizeIntent
from wecom_bot.domain.dialog import FALLBACK, Intent, Turn, Understanding
from wecom_bot.domain.tenant import Tenant


@dataclass
class Always:
    intent: Intent
    slots: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:  # noqa: ARG002 - whatever is said
        self.asked += 1
        return Understanding(self.intent, self.slots, source="always")


ORDER_ID = {"name": "order_id", "pattern": r"(?<![0-9])[0-9]{6,20}(?![0-9])", "ask": "订单号是多少？"}
STRICT = tenant(
    thresholds={"intent": 0.8},
    intents=[
        {"name": "order", "slots": [ORDER_ID, {"name": "tail", "pattern": "(?:尾号)?([0-9]{4})$", "ask": "尾号？"}]},
        {"name": "complaint", "slots": [{"name": "reason", "pattern": ".+", "ask": "怎么了？"}], "threshold": 0.5},
    ],
)


def test_a_likely_intent_is_noted_with_who_recognised_it() -> None:
    after = RecognizeIntent(Always(Intent("refund", 0.8)))(STRICT, turn("退款"))
    assert after.intent == Intent("refund", 0.8)
    assert after.recognizer == "always"
    assert not after.settled


def test_an_unlikely_one_falls_back() -> None:
    after = RecognizeIntent(Always(Intent("refund", 0.79)))(STRICT, turn("嗯", intent="order"))
    assert after.intent == FALLBACK
    assert after.recognizer == ""
    assert after.state.intent == "order"


def test_an_intents_own_threshold_goes_before_the_tenants() -> None:
    assert RecognizeIntent(Always(Intent("complaint", 0.5)))(STRICT, turn("嗯")).intent == Intent("complaint", 0.5)


def test_the_fallback_is_no_intent_however_low_the_bar() -> None:
    after = RecognizeIntent(Always(FALLBACK))(tenant(thresholds={"intent": 0}), turn("嗯"))
    assert after.intent == FALLBACK


def test_slots_that_the_intent_defines_are_heard_where_they_fit() -> None:
    named = {"order_id": "单号：123456", "tail": "88", "colour": "红"}
    after = RecognizeIntent(Always(Intent("order", 0.9), named))(STRICT, turn("查单"))
    assert after.heard == {"order_id": "123456"}


def test_without_an_intent_the_slots_are_those_of_the_dialogs() -> None:
    after = RecognizeIntent(Always(FALLBACK, {"order_id": "123456"}))(STRICT, turn("一二三四五六", intent="order"))
    assert after.heard == {"order_id": "123456"}


def test_a_known_value_that_the_recogniser_repeats_is_no_news_unless_it_was_said() -> None:
    stage = RecognizeIntent(Always(Intent("order", 0.9), {"order_id": "123456"}))
    known = {"slots": {"order_id": "123456"}, "intent": "order"}
    assert stage(STRICT, turn("到哪了", **known)).heard == {}
    assert stage(STRICT, turn("123456到哪了", **known)).heard == {"order_id": "123456"}


@pytest.mark.parametrize(("said", "asked"), [("123456。", 0), ("１２３４５６", 0), ("是 123456", 1), ("不知道", 1)])
def test_nobody_has_to_recognise_a_bare_answer_to_our_question(said: str, asked: int) -> None:
    recognizer = Always(Intent("refund", 0.9))
    RecognizeIntent(recognizer)(STRICT, turn(said, intent="order", asking="order_id", asked=1))
    assert recognizer.asked == asked


def test_when_anything_may_be_the_answer_it_is_recognised_all_the_same() -> None:
    recognizer = Always(Intent("order", 0.9))
    after = RecognizeIntent(recognizer)(STRICT, turn("查订单", intent="complaint", asking="reason", asked=1))
    assert after.intent.name == "order"


def test_without_words_nobody_is_asked() -> None:
    always = Always(Intent("order", 1.0))
    assert RecognizeIntent(always)(STRICT, turn("")).intent == FALLBACK
    assert always.asked == 0
