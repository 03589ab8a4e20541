"""Which articles are not to be found now: before their first moment, or from their last one on."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from math import inf

from wecom_bot.domain.knowledge import Article

SHUT = "SELECT number FROM validity WHERE tenant = ? AND (valid_from > ? OR valid_until <= ?)"
"""The numbers of a tenant's articles that are not valid at a moment; only those with dates have a row."""

EDGES = (
    "SELECT valid_from FROM validity WHERE tenant = ? AND valid_from IS NOT NULL"
    " UNION SELECT valid_until FROM validity WHERE tenant = ? AND valid_until IS NOT NULL ORDER BY 1"
)
"""The moments at which a tenant's articles begin or end to be valid: between two of them the same ones are."""

Dated = tuple[int, float | None, float | None]
"""An article's number, and from when until when it is valid, in seconds since the epoch."""


def dated(number: int, article: Article) -> Dated | None:
    """Its row; None for an article that is always valid."""
    if article.valid_from is None and article.valid_until is None:
        return None
    begin, end = article.valid_from, article.valid_until
    return number, begin.timestamp() if begin else None, end.timestamp() if end else None


@dataclass(slots=True)
class Validity:
    """The same in memory, of one tenant's articles."""

    dated: Collection[Dated] = ()
    _shut: frozenset[int] = frozenset()
    _since: float = inf  # from when until when that is so
    _until: float = -inf

    @classmethod
    def of(cls, connection: sqlite3.Connection, tenant: int) -> "Validity":
        """As the tables of the tenant hold it."""
        query = "SELECT number, valid_from, valid_until FROM validity WHERE tenant = ?"
        return cls(connection.execute(query, (tenant,)).fetchall())

    def shut(self, moment: float) -> frozenset[int]:
        """The articles that are not valid at that moment: told anew only when one of them begins or ends."""
        if self.dated and not self._since <= moment < self._until:
            edges = [each for _, *span in self.dated for each in span if each is not None]
            self._since = max((each for each in edges if each <= moment), default=-inf)
            self._until = min((each for each in edges if each > moment), default=inf)
            self._shut = frozenset(number for number, begin, end in self.dated if not _valid(begin, end, moment))
        return self._shut


def _valid(begin: float | None, end: float | None, moment: float) -> bool:
    return (begin is None or begin <= moment) and (end is None or moment < end)
