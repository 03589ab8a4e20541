"""What a turn goes on with: the intent that the dialog is after, unless the customer is at something else now."""

from wecom_bot.domain.dialog import FALLBACK, DialogState, Turn
from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.tenant import Tenant

_SAME_WORDS = 1.0  # ports.SearchIndex: this score is for nothing less


def pursued(tenant: Tenant, turn: Turn) -> IntentSpec | None:
    """The dialog's intent, if this turn is about it.

    It is when it was recognised now. It is too when nothing was, and a question of ours is open or a slot was named;
    but then a sure article goes first, and the question stays open.
    """
    spec, named = tenant.intent(turn.state.intent or ""), recognised(tenant, turn)
    if spec is None or named == spec:
        return spec
    if named or is_sure(tenant, turn):
        return None
    return spec if turn.state.asking or turn.heard else None


def recognised(tenant: Tenant, turn: Turn) -> IntentSpec | None:
    """The intent that this turn was recognised as; a label that the tenant does not define tells nothing."""
    return tenant.intent(turn.intent.name) if turn.intent.name != FALLBACK.name else None


def asked(tenant: Tenant, state: DialogState) -> SlotSpec | None:
    """The slot that our open question is for, if the tenant still has it."""
    spec = tenant.intent(state.intent or "")
    return next((slot for slot in spec.slots if slot.name == state.asking), None) if spec else None


def acts(spec: IntentSpec | None) -> bool:
    """Whether the intent asks, looks up or says anything; else it is a remark about one turn, like an unknown one."""
    return spec is not None and bool(spec.slots or spec.lookup or spec.reply)


def is_sure(tenant: Tenant, turn: Turn) -> bool:
    """Whether the best passage is good enough to be the answer."""
    return bool(turn.passages) and tenant.thresholds.answers(turn.passages[0])


def is_near(tenant: Tenant, turn: Turn) -> bool:
    """Whether the best passage is good enough to be offered in a menu."""
    return bool(turn.passages) and turn.passages[0].score >= tenant.thresholds.suggest


def is_exact(turn: Turn) -> bool:
    """Whether the customer said just what an article is titled."""
    return bool(turn.passages) and turn.passages[0].score >= _SAME_WORDS
