"""Customers' orders, in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.removal import remove
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import Order

_TABLE = schema.orders


@dataclass(frozen=True, slots=True)
class SqlOrders:
    """Keeps the last that was told of each order."""

    engine: sa.Engine

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:
        query = sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id, _TABLE.c.order_id == order_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        # compared here: for MySQL, ids that differ only by spaces at the end are the same
        return _order(row) if row is not None and (row.customer, row.order_id) == (customer, order_id) else None

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:
        rows = {
            order.order_id: {"corp_id": corp_id, **asdict(order)} for order in orders
        }  # drawn before the lock is taken
        if not rows:
            return 0
        in_order = [rows[order_id] for order_id in sorted(rows)]  # writers of the same rows lock them in the same order
        with writing(self.engine) as connection:
            connection.execute(replace(connection.dialect.name, _TABLE), in_order)
        return len(rows)

    def load(self, corp_id: CorpId, customer: str | None = None) -> Sequence[Order]:
        query = sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id).order_by(_TABLE.c.order_id)
        if customer is not None:
            query = query.where(_TABLE.c.customer == customer)
        with reading(self.engine) as connection:
            return [_order(row) for row in connection.execute(query)]

    def remove(self, corp_id: CorpId, order_ids: Iterable[str]) -> int:
        ids = set(order_ids)
        with writing(self.engine) as connection:
            return remove(connection, _TABLE.c.order_id, corp_id, ids)


def _order(row: sa.Row[tuple[object, ...]]) -> Order:
    return Order(row.order_id, row.customer, row.status, row.logistics, row.updated_at)
