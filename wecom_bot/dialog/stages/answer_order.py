"""The customer's order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wecom_bot.dialog.looked_up import numbers
from wecom_bot.dialog.pursuit import pursued
from wecom_bot.dialog.slots import missing
from wecom_bot.dialog.template import render
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.order import CHINA, Order
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Orders
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_SLOT = "order_id"


@dataclass(frozen=True, slots=True)
class AnswerOrder:
    """Say how the customer's own order stands, in the tenant's words and the shop's data, which nobody words anew.

    Of several numbers that were said, those that are the customer's own are told. The first is kept for what is asked
    next; one that is not the customer's is forgotten, so that it is asked for again. With the orders away the customer
    is told so, and what was said stays known.
    """

    orders: Orders

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        spec = pursued(tenant, turn)
        if spec is None or spec.lookup != "order" or missing(spec, turn.state.slots):
            return turn
        order_id = turn.state.slots[_SLOT]
        (slot,) = (each for each in spec.slots if each.name == _SLOT)
        try:
            found = self._own(tenant, turn, numbers(tenant, turn, spec, slot))
        except TemporaryFailure as e:
            log.warning("order.lookup_failed", corp_id=tenant.corp_id, error=type(e).__name__)
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.trouble), makeshift=True)
        if not found:
            slots = {name: value for name, value in turn.state.slots.items() if name != _SLOT}
            text = render(tenant.phrases.order_unknown, {_SLOT: order_id})
            return turn.say(Answerer.ORDER, Reply(text), state=replace(turn.state, slots=slots, offered=()))
        text = "\n".join(render(tenant.phrases.order_found, _values(order, turn.began_at)) for order in found)
        slots = {**turn.state.slots, _SLOT: found[0].order_id}
        state = replace(turn.state, slots=slots, offered=(), misses=0, done=True)
        return turn.say(Answerer.ORDER, Reply(text), state=state)

    def _own(self, tenant: Tenant, turn: Turn, said: Sequence[str]) -> list[Order]:
        found = (self.orders.find(tenant.corp_id, turn.conversation.customer, number) for number in said)
        return [order for order in found if order]


def _values(order: Order, now: datetime) -> dict[str, str]:
    return {
        _SLOT: order.order_id,
        "status": order.status,
        "logistics": order.logistics,
        "updated_at": _in_words(order.updated_at, now),
    }


def _in_words(moment: datetime, now: datetime) -> str:
    """11月20日 10:00, with the year if it is another one than now."""
    there = moment.astimezone(CHINA)
    year = f"{there.year}年" if there.year != now.astimezone(CHINA).year else ""
    return f"{year}{there.month}月{there.day}日 {there:%H:%M}"
