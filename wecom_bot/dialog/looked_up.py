"""What is looked up, and by which of the numbers that customers say."""

from wecom_bot.dialog.slots import Whose, is_open, readable, unlabelled
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.tenant import Tenant

_ORDER, _ORDER_ID = "order", "order_id"
_MOST = 5  # numbers of a message that are looked up


def looked_up_by(tenant: Tenant) -> list[tuple[IntentSpec, SlotSpec]]:
    """What is looked up by which numbers: of a query by those that it binds, never by what verifies or by any words."""
    return [
        (spec, slot)
        for spec in tenant.intents
        if spec.lookup
        for slot in spec.slots
        if (query := tenant.query(spec.query)) is None
        or (slot.name in query.slots and not is_open(slot, Whose(tenant.corp_id, spec.name)))
    ]


def numbers(tenant: Tenant, turn: Turn, spec: IntentSpec, slot: SlotSpec) -> tuple[str, ...]:
    """What is looked up: the value that is known and, where it was said now, what else was said that may be meant."""
    known, whose = turn.state.slots[slot.name], Whose(tenant.corp_id, spec.name)
    if known != turn.heard.get(slot.name) or is_open(slot, whose):
        return (known,)
    others = unlabelled(slot, readable(turn.text), whose, asked=True)
    return tuple(dict.fromkeys((known, *others)))[:_MOST]


def is_of_order(spec: IntentSpec, slot: SlotSpec) -> bool:
    """Whether 怎么还没到 is likely asked of it."""
    return spec.lookup == _ORDER or slot.name == _ORDER_ID
