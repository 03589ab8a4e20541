"""Leases in SQL, for what one process at a time shall do."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.upsert import Value, upsert
from wecom_bot.domain.indexing import Lock
from wecom_bot.ports import Clock

_TABLE = schema.leases


@dataclass(frozen=True, slots=True)
class SqlLocks:
    """Implements ports.Locks, by the clocks of who takes them: seconds apart they shorten or lengthen a span."""

    engine: sa.Engine
    clock: Clock

    def take(self, name: str, token: str, holder: str, span: timedelta) -> Lock:
        now = self.clock.now()
        row = {"name": name, "token": token, "holder": holder, "taken_at": now, "expires_at": now + span}
        with writing(self.engine) as connection:
            connection.execute(_take(connection.dialect.name), row)
            found = connection.execute(sa.select(_TABLE).where(_TABLE.c.name == name)).one()
        return Lock(found.name, found.token, found.holder, found.taken_at)

    def holder(self, name: str) -> Lock | None:
        query = sa.select(_TABLE).where(_TABLE.c.name == name, _TABLE.c.expires_at >= self.clock.now())
        with reading(self.engine) as connection:
            found = connection.execute(query).one_or_none()
        return Lock(found.name, found.token, found.holder, found.taken_at) if found else None

    def give_back(self, name: str, token: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.name == name, _TABLE.c.token == token))


@cache
def _take(dialect: str) -> sa.Executable:
    """Insert; or take over the row where it has run out, or extend it where it is ours: one statement, so atomic.

    Each condition holds before and after the columns before it were changed, as MySQL asks.
    """
    columns = _TABLE.c

    def where_over(name: str, *, ours: bool) -> Value:
        def value(given: sa.ColumnCollection[str, sa.ColumnElement[object]]) -> object:
            over = columns.expires_at < given["taken_at"]
            if ours:
                over = sa.or_(over, columns.token == given["token"])
            elif name == "taken_at":
                over = sa.and_(over, columns.token != given["token"])
            return sa.case((over, given[name]), else_=columns[name])

        return value

    changes = {
        "taken_at": where_over("taken_at", ours=False),
        "holder": where_over("holder", ours=False),
        "token": where_over("token", ours=False),
        "expires_at": where_over("expires_at", ours=True),
    }
    return upsert(dialect, _TABLE, changes)
