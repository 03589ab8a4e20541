"""How a server compared what was said where a column is of another kind: to MySQL 'abc' = 0, and '1abc' = 1.

Nobody sees that in the rows, but the server warns of it.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import exc

CUT = 1292
"""The server's number for a text that it cut to make a number, or a moment, of it."""

_QUOTED = 16  # characters of a value: a warning holds the beginning of a long one
_MIXED = frozenset({1267, 1270, 1271, 3854, 3988})  # letters that the column's character set does not have


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
