"""How a server compares what was said where a column holds numbers: to MySQL 'abc' = 0, and '1abc' = 1.

It says so of the column's type, which is asked once a connection. Where that does not tell (a column that is computed),
it warns, unless it finds the rows by an index.
"""

import re
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy import exc

from wecom_bot.domain.query_shape import Piece, PieceKind, tokens

CUT = 1292
"""The server's number for a text that it cut to make a number, or a moment, of it."""

_QUOTED = 16  # characters of a value: a warning holds the beginning of a long one
_MIXED = frozenset({1267, 1270, 1271, 3854, 3988})  # letters that the column's character set does not have
_NUMBER = re.compile(r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *")
_NUMBERS = frozenset(["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year"])
_KNOWN = "wecom_bot_numbers"
_TYPES = sa.text(
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE (table_schema = DATABASE() OR table_schema IN :words) AND table_name IN :words AND column_name IN :columns"
).bindparams(sa.bindparam("words", expanding=True), sa.bindparam("columns", expanding=True))


def no_numbers(values: Mapping[str, str | int]) -> frozenset[str]:
    """Which of the values are texts that are none."""
    return frozenset(name for name, value in values.items() if isinstance(value, str) and not _NUMBER.fullmatch(value))


def compared_with_numbers(connection: sa.Connection, sql: str) -> frozenset[str]:
    """The parameters that the query compares with columns of numbers. Raises what the driver raises."""
    known: dict[str, frozenset[str]] = connection.info.setdefault(_KNOWN, {})
    if sql not in known:
        known[sql] = _with_numbers(connection, tokens(sql))
    return known[sql]


def taken_for_numbers(connection: sa.Connection, values: Mapping[str, str | int]) -> frozenset[str]:
    """Which values the statement before compared as numbers, and are none. Raises what the driver raises."""
    warnings = connection.exec_driver_sql("SHOW WARNINGS").all()
    said = [str(words) for _, code, words in warnings if code == CUT]
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    return frozenset(name for name, value in texts.items() if any(_quoted(value) in each for each in said))


def is_of_other_letters(error: exc.DBAPIError, values: Mapping[str, str | int]) -> bool:
    """Whether a value was compared with a column that cannot have its letters, and so does not have it."""
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return code in _MIXED and not all(str(value).isascii() for value in values.values())


def _quoted(value: str) -> str:
    return f"'{value}'" if len(value) <= _QUOTED else f"'{value[:_QUOTED]}"


def _with_numbers(connection: sa.Connection, pieces: list[Piece]) -> frozenset[str]:
    """By their names: of several columns of a name in these tables all have to be of numbers."""
    compared = list(_compared(pieces))
    if not compared:
        return frozenset()
    words = {_named(each) for each in pieces} - {""}
    asked = {"words": sorted(words), "columns": sorted({column for _, column in compared})}
    types: dict[str, set[str]] = {}
    for column, kind in connection.execute(_TYPES, asked):
        types.setdefault(str(column).lower(), set()).add(str(kind).lower())
    numbers = {column for column, kinds in types.items() if kinds <= _NUMBERS}
    return frozenset(name for name, column in compared if column.lower() in numbers)


def _compared(pieces: list[Piece]) -> Iterator[tuple[str, str]]:
    """Each parameter that stands beside an equals sign, and the name of the column on its other side."""
    for place, each in enumerate(pieces):
        if each.kind is PieceKind.PARAMETER:
            columns = _before(pieces[max(0, place - 3) : place]), _behind(pieces[place + 1 : place + 7])
            yield from ((each.text[1:], column) for column in columns if column)


def _before(pieces: list[Piece]) -> str:
    """The column in `column =`."""
    if len(pieces) < 2 or pieces[-1].text != "=" or pieces[0].word == "BINARY":  # noqa: PLR2004 - the column and the sign
        return ""
    return _named(pieces[-2])


def _behind(pieces: list[Piece]) -> str:
    """The column in `= shop.table.column`."""
    if not pieces or pieces[0].text != "=":
        return ""
    last = 1
    while len(pieces) > last + 2 and pieces[last + 1].text == ".":
        last += 2
    return _named(pieces[last]) if len(pieces) > last else ""


def _named(piece: Piece) -> str:
    """The name that it may be; nothing for what is none."""
    if piece.kind is PieceKind.WORD:
        return piece.text
    return piece.text.strip("`") if piece.text.startswith("`") else ""
