"""All that is kept in SQL, row by row: out of one database as it was at one moment, into another that holds nothing.

The same for SQLite and MySQL, so that a backup of the one can be restored into the other.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from wecom_bot.adapters.sql import migrate, schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.revisions import Revised
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError

_OF_THIS_DAY = (schema.search_positions, schema.search_refusals, schema.leases, schema.article_wordings)
TABLES = tuple(table.name for table in schema.metadata.sorted_tables if table not in _OF_THIS_DAY)
"""In an order in which they can be filled: what others refer to comes first.

Search indexes are not kept, and so not how far they have read: what comes back may count the same revisions again. Nor
are the wordings of articles, which are derived from them.
"""

_AT_ONCE = 500  # rows
_BYTES, _AT = "base64", "at"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database as it stood at one moment, whatever is written meanwhile."""

    connection: sa.Connection

    def lines(self, name: str) -> Iterator[str]:
        """The rows of a table, each as a line of JSON; the first names the columns."""
        table = schema.metadata.tables[name]
        yield json.dumps([column.name for column in table.columns])
        for row in self.connection.execute(sa.select(table)):
            yield json.dumps([_plain(value) for value in row])


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[Snapshot]:
    """Look at one moment of the database. Nobody who writes waits for it. Raises TemporaryFailure."""
    if engine.dialect.name == "mysql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(engine) as connection:
        # it begins with the first thing that is read
        connection.scalar(sa.select(sa.func.count()).select_from(schema.revisions))
        yield Snapshot(connection.execution_options(stream_results=True, yield_per=_AT_ONCE))


def corp_ids(engine: sa.Engine) -> list[CorpId]:
    """All tenants, also those that this program cannot read."""
    with reading(engine) as connection:
        return [CorpId(each) for each in connection.scalars(sa.select(schema.tenants.c.corp_id)).all()]


def is_empty(engine: sa.Engine) -> bool:
    """Whether nothing of ours is kept here. Raises ConfigurationError, TemporaryFailure."""
    if migrate.absent(engine):
        return True
    with reading(engine) as connection:
        there = set(sa.inspect(connection).get_table_names())
        tables = [table for table in schema.metadata.sorted_tables if table.name in there]
        return not any(connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)) for table in tables)


@contextmanager
def filling(engine: sa.Engine) -> Iterator["Filling"]:
    """Fill an empty database: with all of it, or with nothing if that breaks off. Raises TemporaryFailure."""
    with writing(engine) as connection:
        yield Filling(connection)


@dataclass(frozen=True, slots=True)
class Filling:
    """A database that is being filled."""

    connection: sa.Connection

    def put(self, name: str, lines: Iterable[str]) -> int:
        """The rows of a table, as Snapshot.lines gave them; how many. Raises ConfigurationError for other lines."""
        table = schema.metadata.tables[name]
        rest = iter(lines)
        names = json.loads(next(rest))
        if unknown := {*names} - {column.name for column in table.columns}:
            raise ConfigurationError(f"{name}: 不认识的列 / columns that this program does not know: {sorted(unknown)}")
        count = 0
        while some := [dict(zip(names, map(_value, json.loads(line)), strict=True)) for line in islice(rest, _AT_ONCE)]:
            self.connection.execute(sa.insert(table), some)
            count += len(some)
        return count

    def note(self, lost_at: datetime) -> None:
        """Note until when nobody knows who was answered: with the rows, for without it they would be answered again.

        And forget how far search indexes have read: that was another count of the revisions.
        """
        for table in _OF_THIS_DAY:
            self.connection.execute(sa.delete(table))
        counters = schema.revisions
        self.connection.execute(sa.delete(counters).where(counters.c.what == Revised.WORDINGS.value))
        self.connection.execute(sa.insert(schema.restores), {"restored_at": datetime.now(UTC), "lost_at": lost_at})


def note(engine: sa.Engine, lost_at: datetime) -> None:
    """`Filling.note` by itself, for a database that came back by other means. Raises TemporaryFailure."""
    with filling(engine) as there:
        there.note(lost_at)


def unknown_until(engine: sa.Engine) -> datetime | None:
    """Until when nobody knows who was answered: when the machine was lost whose backup this is. None for never."""
    with reading(engine) as connection:
        found: datetime | None = connection.scalar(sa.select(sa.func.max(schema.restores.c.lost_at)))
        return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    match value:
        case bytes():
            return {_BYTES: base64.b64encode(value).decode()}
        case datetime():
            return {_AT: value.isoformat()}
        case _:
            return value


def _value(plain: Any) -> Any:  # noqa: ANN401 - as above
    match plain:
        case {"base64": str(text)}:
            return base64.b64decode(text)
        case {"at": str(text)}:
            return datetime.fromisoformat(text)
        case _:
            return plain
