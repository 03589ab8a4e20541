"""How a ticket is closed: once, whoever comes first."""

from datetime import datetime

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.schema import short
from wecom_bot.domain.message import CorpId


def this_ticket(corp_id: CorpId, request_id: str) -> sa.ColumnElement[bool]:
    """Which row it is."""
    columns = schema.tickets.c
    return sa.and_(columns.corp_id == corp_id, columns.request_id == short(request_id))


def closing(corp_id: CorpId, request_id: str, at: datetime) -> sa.Update:
    """Close it, if it is open."""
    open_one = sa.and_(this_ticket(corp_id, request_id), schema.tickets.c.closed_at.is_(None))
    return sa.update(schema.tickets).where(open_one).values(closed_at=at)
