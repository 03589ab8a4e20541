"""The customer's order."""

from dataclasses import dataclass, replace
from datetime import datetime

from wecom_bot.dialog.pursuit import pursued
from wecom_bot.dialog.slots import missing
from wecom_bot.dialog.template import render
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.order import CHINA
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Orders
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_SLOT = "order_id"


@dataclass(frozen=True, slots=True)
class AnswerOrder:
    """Say how the customer's own order stands, in the tenant's words and the shop's data, which nobody words anew.

    Its number is kept for what is asked next; one that is not the customer's is forgotten, so that it is asked for
    again. With the orders away the customer is told so, and what was said stays known.
    """

    orders: Orders

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        spec = pursued(tenant, turn)
        if spec is None or spec.lookup != "order" or missing(spec, turn.state.slots):
            return turn
        order_id = turn.state.slots[_SLOT]
        try:
            order = self.orders.find(tenant.corp_id, turn.conversation.customer, order_id)
        except TemporaryFailure as e:
            log.warning("order.lookup_failed", corp_id=tenant.corp_id, error=type(e).__name__)
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.trouble))
        if order is None:
            slots = {name: value for name, value in turn.state.slots.items() if name != _SLOT}
            text = render(tenant.phrases.order_unknown, {_SLOT: order_id})
            return turn.say(Answerer.ORDER, Reply(text), state=replace(turn.state, slots=slots, offered=()))
        values = {
            _SLOT: order.order_id,
            "status": order.status,
            "logistics": order.logistics,
            "updated_at": _in_words(order.updated_at, turn.began_at),
        }
        state = replace(turn.state, offered=(), misses=0, done=True)
        return turn.say(Answerer.ORDER, Reply(render(tenant.phrases.order_found, values)), state=state)


def _in_words(moment: datetime, now: datetime) -> str:
    """11月20日 10:00, with the year if it is another one than now."""
    there = moment.astimezone(CHINA)
    year = f"{there.year}年" if there.year != now.astimezone(CHINA).year else ""
    return f"{year}{there.month}月{there.day}日 {there:%H:%M}"
