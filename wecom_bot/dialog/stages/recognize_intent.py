"""What the customer wants."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import FALLBACK, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import IntentRecognizer


@dataclass(frozen=True, slots=True)
class RecognizeIntent:
    """Note the intent if it is likely enough; else this turn falls back, and the dialog keeps the intent it had."""

    recognizer: IntentRecognizer

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        understood = self.recognizer.recognize(tenant, turn)
        intent = understood.intent
        if intent.name == FALLBACK.name or intent.score < tenant.thresholds.intent:
            return replace(turn, intent=FALLBACK)
        state = replace(turn.state, intent=intent.name)
        return replace(turn, intent=intent, recognizer=understood.source, state=state)
