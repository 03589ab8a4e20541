"""Customers' orders within a deadline: who asks for one waits, and SQL may hang."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import Order
from wecom_bot.ports import Orders, TimeLimit


@dataclass(frozen=True, slots=True)
class TimelyOrders:
    """Implements ports.Orders: a look-up that outlasts the deadline raises TookTooLong, which is a TemporaryFailure."""

    orders: Orders
    time_limit: TimeLimit
    deadline: timedelta

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:
        with self.time_limit(self.deadline):
            return self.orders.find(corp_id, customer, order_id)

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:
        return self.orders.save(corp_id, orders)
