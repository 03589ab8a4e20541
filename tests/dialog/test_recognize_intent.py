from dataclasses import dataclass

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.recognize_intent import RecognizeIntent
from wecom_bot.domain.dialog import FALLBACK, Intent, Turn, Understanding
from wecom_bot.domain.tenant import Tenant


@dataclass
class Always:
    intent: Intent

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:  # noqa: ARG002 - whatever is said
        return Understanding(self.intent, source="always")


STRICT = tenant(thresholds={"intent": 0.8})


def test_a_likely_intent_is_noted_in_the_turn_and_remembered() -> None:
    after = RecognizeIntent(Always(Intent("refund", 0.8)))(STRICT, turn("退款"))
    assert after.intent == Intent("refund", 0.8)
    assert after.state.intent == "refund"
    assert after.recognizer == "always"
    assert not after.settled


def test_an_unlikely_one_falls_back_and_leaves_the_dialogs_intent() -> None:
    after = RecognizeIntent(Always(Intent("refund", 0.79)))(STRICT, turn("嗯", intent="order"))
    assert after.intent == FALLBACK
    assert after.state.intent == "order"


def test_the_fallback_is_never_remembered_however_low_the_bar() -> None:
    after = RecognizeIntent(Always(FALLBACK))(tenant(thresholds={"intent": 0}), turn("嗯"))
    assert after.intent == FALLBACK
    assert after.state.intent is None
