"""INSERT that knows what to do when the row is there, in both dialects.

Building one costs a millisecond, more than the database takes to do it: what is written again and again is built once
for a dialect and a table.
"""

from collections.abc import Callable, Mapping
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert as mysql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

Value = Callable[[sa.ColumnCollection[str, sa.ColumnElement[object]]], object]
"""What a column shall become, given the row that was to be inserted."""


def upsert(dialect: str, table: sa.Table, changes: Mapping[str, Value]) -> sa.Executable:
    """Insert; where the primary key is taken, change these columns, in this order, instead.

    The order matters to MySQL alone: there a later change sees the earlier ones.
    """
    if dialect == "mysql":
        into = mysql_insert(table)
        return into.on_duplicate_key_update([(name, value(into.inserted)) for name, value in changes.items()])
    statement = sqlite_insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: value(statement.excluded) for name, value in changes.items()},
    )


@cache
def replace(dialect: str, table: sa.Table) -> sa.Executable:
    """Insert, or make the row that is there the same."""
    return upsert(dialect, table, {name: _given(name) for name in _payload(table)})


@cache
def replace_if_newer(dialect: str, table: sa.Table, when: str) -> sa.Executable:
    """Insert, or make the row that is there the same, unless that one's `when` is later."""
    columns = [name for name in _payload(table) if name != when]
    changes: dict[str, Value] = {name: _given_if_newer(table, name, when) for name in columns}
    changes[when] = _given_if_newer(table, when, when)  # last: the others compare with it
    return upsert(dialect, table, changes)


@cache
def keep_first(dialect: str, table: sa.Table) -> sa.Executable:
    """Insert, or leave the row that is there as it is."""
    key = next(iter(table.primary_key.columns))
    return upsert(dialect, table, {key.name: lambda _: key})


def _payload(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns if not column.primary_key]


def _given(name: str) -> Value:
    return lambda given: given[name]


def _given_if_newer(table: sa.Table, name: str, when: str) -> Value:
    return lambda given: sa.case((given[when] >= table.c[when], given[name]), else_=table.c[name])
