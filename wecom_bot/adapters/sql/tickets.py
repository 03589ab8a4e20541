"""What waits for a human, in SQL. The record writes it; here it is read and closed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.closing import closing, this_ticket
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.schema import short
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.domain.ticket import Ticket
from wecom_bot.errors import Unknown
from wecom_bot.ports import OpenTickets

_TABLE = schema.tickets
_AT_ONCE = 500  # tenants in one statement


@dataclass(frozen=True, slots=True)
class SqlTickets:
    """Lists and closes the tickets of a tenant."""

    engine: sa.Engine

    def list(
        self,
        corp_id: CorpId,
        *,
        open_only: bool = True,
        most: int = 100,
        oldest_first: bool = False,
        after: str | None = None,
    ) -> Sequence[Ticket]:
        order = [_TABLE.c.opened_at, _TABLE.c.request_id]
        query = sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id).limit(max(0, most))
        query = query.order_by(*(order if oldest_first else [each.desc() for each in order]))
        if open_only:
            query = query.where(_TABLE.c.closed_at.is_(None))
        with reading(self.engine) as connection:
            if after is not None:
                query = query.where(_beyond(_opened_at(connection, corp_id, after), after, later=oldest_first))
            return [_ticket(row) for row in connection.execute(query)]

    def close(self, corp_id: CorpId, request_id: str) -> None:
        with writing(self.engine) as connection:
            if connection.execute(closing(corp_id, request_id, datetime.now(UTC))).rowcount:
                return
            there = connection.scalar(sa.select(sa.literal(1)).where(this_ticket(corp_id, request_id)))
        if there is None:
            raise _missing(request_id)

    def still_open(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, OpenTickets]:
        found = {corp_id: OpenTickets(0, None) for corp_id in corp_ids}
        columns = (_TABLE.c.corp_id, sa.func.count(), sa.func.min(_TABLE.c.opened_at))
        left = iter(found.copy())
        with reading(self.engine) as connection:
            while some := list(islice(left, _AT_ONCE)):
                query = sa.select(*columns).where(_TABLE.c.corp_id.in_(some), _TABLE.c.closed_at.is_(None))
                # all that is read is the index on what is open; by old statistics MySQL would go through all there was
                query = query.group_by(_TABLE.c.corp_id).with_hint(_TABLE, "FORCE INDEX (requests_open)", "mysql")
                for corp_id, count, oldest in connection.execute(query):
                    found[CorpId(corp_id)] = OpenTickets(count, oldest)
        return found


def _missing(request_id: str) -> Unknown:
    return Unknown(f"没有待处理请求 {request_id} / there is no request {request_id}")


def _opened_at(connection: sa.Connection, corp_id: CorpId, request_id: str) -> datetime:
    query = sa.select(_TABLE.c.opened_at).where(this_ticket(corp_id, request_id))
    opened_at: datetime | None = connection.scalar(query)
    if opened_at is None:
        raise _missing(request_id)
    return opened_at


def _beyond(opened_at: datetime, request_id: str, *, later: bool) -> sa.ColumnElement[bool]:
    """Whether a row stands later, or earlier, than this one.

    Not as a comparison of pairs, nor as one OR: the bound of the time stands by itself, so that the index can use it.
    """
    if later:
        bound, further = _TABLE.c.opened_at >= opened_at, _TABLE.c.opened_at > opened_at
        return sa.and_(bound, sa.or_(further, _TABLE.c.request_id > short(request_id)))
    bound, further = _TABLE.c.opened_at <= opened_at, _TABLE.c.opened_at < opened_at
    return sa.and_(bound, sa.or_(further, _TABLE.c.request_id < short(request_id)))


def _ticket(row: sa.Row[tuple[object, ...]]) -> Ticket:
    return Ticket(
        request_id=row.request_id,
        conversation=ConversationId(CorpId(row.corp_id), Channel(row.channel), row.account, row.customer),
        reason=row.reason,
        words=row.words,
        opened_at=row.opened_at,
        trace_id=row.trace_id,
        closed_at=row.closed_at,
    )
