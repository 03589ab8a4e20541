"""Many rows by their ids."""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from wecom_bot.domain.message import CorpId

_CHUNK = 500  # ids in one IN (...): SQLite before 3.32 takes 999 parameters


def remove(connection: sa.Connection, key: sa.Column[str], corp_id: CorpId, ids: Iterable[str]) -> int:
    """Delete the tenant's rows whose `key` is one of these; how many there were."""
    wanted = chunks(key, corp_id, ids)
    return sum(connection.execute(sa.delete(key.table).where(these)).rowcount for these in wanted)


def present(connection: sa.Connection, key: sa.Column[str], corp_id: CorpId, ids: Iterable[str]) -> list[str]:
    """Which of these ids the tenant has rows of."""
    wanted = chunks(key, corp_id, ids)
    return [found for these in wanted for found in connection.scalars(sa.select(key).where(these))]


def chunks(key: sa.Column[str], corp_id: CorpId, ids: Iterable[str]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions on the tenant's rows whose `key` is one of these, few enough for a statement each."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        yield (key.table.c.corp_id == corp_id) & key.in_(wanted[start : start + _CHUNK])
