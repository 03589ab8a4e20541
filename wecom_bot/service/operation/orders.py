"""The orders of a tenant, so that the bot can tell customers how theirs stand."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from wecom_bot.domain.draft import BadLine, OrderDraft
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import Order
from wecom_bot.ports import OrderBook
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.order_proof import proved
from wecom_bot.service.operation.page import Page, named, paged

_WHAT = "订单 / orders"


@dataclass(frozen=True, slots=True)
class ImportOrders:
    """Add or replace a tenant's orders by id: everything is proved first, then all of it is kept or nothing."""

    admission: Admission
    orders: OrderBook

    def __call__(self, actor: Actor, corp_id: CorpId, lines: Iterable[OrderDraft | BadLine]) -> int:
        """How many orders the file has.

        Raises InvalidInput with what is wrong in which line; NotPermitted, Unknown, TemporaryFailure.
        """
        with self.admission(actor, Right.WRITE, "orders.import", corp_id) as visit:
            good = proved(lines)
            visit.note([each.order_id for each in good])
            return self.orders.save(corp_id, good)


@dataclass(frozen=True, slots=True)
class ListOrders:
    """The orders by id, all or one customer's, also of a tenant that is gone; with `after`, those behind this id."""

    admission: Admission
    orders: OrderBook

    def __call__(
        self,
        actor: Actor,
        corp_id: CorpId,
        *,
        customer: str | None = None,
        only: Collection[str] = (),
        most: int | None = None,
        after: str | None = None,
    ) -> Page[Order]:
        """With `only`, those of these ids. What may name people in them is masked for who may not read it.

        Raises Unknown where one is not there; NotPermitted, TemporaryFailure.
        """
        with self.admission(actor, Right.LOOK, "orders.list", corp_id, only, left=True) as visit:
            found = self.orders.load(corp_id, customer)
            if not found:
                self.admission.find(corp_id)
            page = paged(named(found, _id, only, _WHAT) if only else found, _id, most, after)
            shown = (
                replace(
                    each, status=visit.words(each.status, whole=True), logistics=visit.words(each.logistics, whole=True)
                )
                for each in page.items
            )
            return Page(tuple(shown), page.after)


@dataclass(frozen=True, slots=True)
class RemoveOrders:
    """Forget these orders, all or none, also of a tenant that is gone."""

    admission: Admission
    orders: OrderBook

    def __call__(self, actor: Actor, corp_id: CorpId, order_ids: Collection[str]) -> int:
        """How many there were. Raises Unknown where one is not there; NotPermitted, TemporaryFailure."""
        with self.admission(actor, Right.WRITE, "orders.remove", corp_id, order_ids, left=True):
            found = self.orders.load(corp_id)
            if not found:
                self.admission.find(corp_id)
            return self.orders.remove(corp_id, [_id(each) for each in named(found, _id, order_ids, _WHAT)])


def _id(order: Order) -> str:
    return order.order_id
