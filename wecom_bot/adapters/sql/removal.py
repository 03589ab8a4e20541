"""DELETE of many rows by their ids."""

from collections.abc import Iterable

import sqlalchemy as sa

from wecom_bot.domain.message import CorpId

_CHUNK = 500  # ids in one IN (...): SQLite before 3.32 takes 999 parameters


def remove(connection: sa.Connection, key: sa.Column[str], corp_id: CorpId, ids: Iterable[str]) -> int:
    """Delete the tenant's rows whose `key` is one of these; how many there were."""
    table, wanted, removed = key.table, sorted(set(ids)), 0
    for start in range(0, len(wanted), _CHUNK):
        these = key.in_(wanted[start : start + _CHUNK])
        removed += connection.execute(sa.delete(table).where(table.c.corp_id == corp_id, these)).rowcount
    return removed
