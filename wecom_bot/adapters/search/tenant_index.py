"""What one tenant wrote, as tables of the index file: written whole, searched by words, ranked by confidence.

Every tenant has a full-text table of its own, so that one tenant's words weigh nothing in another's search.
"""

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.adapters.search.asked import distinct, telling
from wecom_bot.adapters.search.confidence import MeantArticle, Phrasing, Ranked, Vocabulary, rank
from wecom_bot.adapters.search.index_rows import IndexRow
from wecom_bot.adapters.search.pace import unhurried
from wecom_bot.adapters.search.remembered import Remembered
from wecom_bot.adapters.search.shown import COLUMNS, Shown, passage
from wecom_bot.adapters.search.text import sameness
from wecom_bot.adapters.search.validity import EDGES, SHUT
from wecom_bot.adapters.search.word_index import ANSWER, QUESTION, SIMILAR
from wecom_bot.domain.knowledge import Passage, SearchMode
from wecom_bot.domain.message import CorpId

_CANDIDATES = 20
_COUNTS: Remembered[str, int] = Remembered(20_000)
_ARTICLES: Remembered[int, MeantArticle] = Remembered(250_000, lambda each: each.size)  # tokens, in some 30 MB

_TABLES = """
DROP TABLE IF EXISTS vocabulary_{n};
DROP TABLE IF EXISTS words_{n};
CREATE VIRTUAL TABLE words_{n} USING fts5(
    question, similar, answer, content = '', tokenize = 'unicode61 remove_diacritics 0'
);
CREATE VIRTUAL TABLE vocabulary_{n} USING fts5vocab(words_{n}, 'row')
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which articles the tables hold: the revision they were read at, and a digest of what they say."""

    revision: int
    digest: str


def stamp(connection: sqlite3.Connection, corp_id: CorpId) -> Stamp | None:
    """What the file holds of the tenant; None if it was never written."""
    row = connection.execute("SELECT revision, digest FROM tenant WHERE corp_id = ?", (corp_id,)).fetchone()
    return Stamp(*row) if row else None


@dataclass(frozen=True, slots=True)
class IndexContent:
    """What a search of a tenant finds depends on: the digest of its articles, and which are valid at a moment."""

    digest: str
    edges: tuple[float, ...]

    @classmethod
    def of(cls, connection: sqlite3.Connection, tenant: int, digest: str) -> "IndexContent":
        """As the tables hold it."""
        return cls(digest, tuple(edge for (edge,) in connection.execute(EDGES, (tenant, tenant))))

    def at(self, moment: float) -> str:
        """Another word whenever a search may find something else."""
        return f"{self.digest}.{bisect_right(self.edges, moment)}"


def number(connection: sqlite3.Connection, corp_id: CorpId) -> int | None:
    """What the tenant is called in the tables; None if it was never written."""
    row = connection.execute("SELECT number FROM tenant WHERE corp_id = ?", (corp_id,)).fetchone()
    return row[0] if row else None


def restamp(connection: sqlite3.Connection, corp_id: CorpId, revision: int) -> None:
    """The same articles, at another revision."""
    connection.execute("UPDATE tenant SET revision = ? WHERE corp_id = ?", (revision, corp_id))


def write(connection: sqlite3.Connection, corp_id: CorpId, rows: Sequence[IndexRow], stamped: Stamp) -> None:
    """Replace all that the tenant has; the caller's transaction makes it one step."""
    before = connection.execute("SELECT size FROM tenant WHERE corp_id = ?", (corp_id,)).fetchone()
    connection.execute(
        "INSERT INTO tenant (corp_id, revision, digest, size) VALUES (?, ?, ?, ?) ON CONFLICT (corp_id)"
        " DO UPDATE SET revision = excluded.revision, digest = excluded.digest, size = excluded.size",
        (corp_id, stamped.revision, stamped.digest, len(rows)),
    )
    (tenant,) = connection.execute("SELECT number FROM tenant WHERE corp_id = ?", (corp_id,)).fetchone()
    for statement in _TABLES.format(n=tenant).split(";"):
        connection.execute(statement)
    connection.execute("DELETE FROM validity WHERE tenant = ?", (tenant,))
    for number in unhurried(range(before[0] if before else 0)):
        connection.execute("DELETE FROM article WHERE tenant = ? AND number = ?", (tenant, number))
        connection.execute("DELETE FROM phrasing WHERE tenant = ? AND article = ?", (tenant, number))
    for row in unhurried(rows):
        _write_row(connection, tenant, row)


def _write_row(connection: sqlite3.Connection, tenant: int, row: IndexRow) -> None:
    connection.execute(
        f"INSERT INTO words_{tenant} (rowid, question, similar, answer) VALUES (?, ?, ?, ?)",  # noqa: S608 - a number
        (row.number, *row.words),
    )
    connection.execute("INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (tenant, row.number, *row.article))
    connection.executemany(
        "INSERT INTO phrasing VALUES (?, ?, ?, ?, ?, ?, ?)", ((tenant, row.number, *each) for each in row.phrasings)
    )
    if row.dated:
        connection.execute("INSERT INTO validity VALUES (?, ?, ?, ?)", (tenant, *row.dated))


@dataclass(frozen=True, slots=True)
class TenantIndex:
    """One tenant's tables, through a connection that sees one state of them; articles not valid now are not found."""

    connection: sqlite3.Connection
    now: float
    number: int
    size: int
    digest: str

    @classmethod
    def of(cls, connection: sqlite3.Connection, corp_id: CorpId, now: float) -> "TenantIndex | None":
        """None if the tenant was never written."""
        row = connection.execute("SELECT number, size, digest FROM tenant WHERE corp_id = ?", (corp_id,)).fetchone()
        return cls(connection, now, *row) if row else None

    @property
    def _shut(self) -> tuple[int, float, float]:
        """What SHUT is asked with."""
        return self.number, self.now, self.now

    def get(self, article_id: str) -> Passage | None:
        """The article as a certain passage."""
        row = self.connection.execute(
            f"SELECT question, {COLUMNS} FROM article WHERE tenant = ? AND article_id = ?"  # noqa: S608 - constants
            f" AND number NOT IN ({SHUT})",
            (self.number, article_id, *self._shut),
        ).fetchone()
        return passage(tuple(row[1:]), 1.0, row[0]) if row else None

    def search(self, query: str, limit: int, ranked: Sequence[Ranked] | None = None) -> tuple[Passage, ...]:
        """The articles asked in the same words, then the likeliest others: `ranked` by meaning, or else by words."""
        mode = SearchMode.LEXICAL if ranked is None else SearchMode.HYBRID
        same = self._same(query, mode)
        if len(same) >= limit:
            return tuple(same[:limit])
        known = {passage.article_id for passage in same}
        likeliest = self._alike(query) if ranked is None else ranked
        others = [other for other in likeliest if other.key not in known][: limit - len(same)]
        return (
            *same,
            *(
                passage(self._shown(each.key), each.score, each.matched, mode, each.words, each.meaning)
                for each in others
            ),
        )

    def _same(self, query: str, mode: SearchMode) -> list[Passage]:
        if not (key := sameness(query)):
            return []
        rows = self.connection.execute(  # SQLite alone would go through all phrasings, or all articles in their order
            f"SELECT text, {COLUMNS} FROM phrasing INDEXED BY phrasing_sameness CROSS JOIN article"  # noqa: S608
            " ON article.tenant = phrasing.tenant AND article.number = phrasing.article"
            f" WHERE phrasing.tenant = ? AND sameness = ? AND article.number NOT IN ({SHUT})"
            " GROUP BY article_id ORDER BY article_id",
            (self.number, key, *self._shut),
        )
        whole = (mode, 1.0, 1.0 if mode is SearchMode.HYBRID else None)
        return [passage(shown, 1.0, text, *whole) for text, *shown in rows]

    def _alike(self, query: str) -> list[Ranked]:
        question = distinct(query)
        if not question:
            return []
        numbers = sorted(self._best_by_words(question))
        candidates = _ARTICLES.get(self.digest, numbers, self._candidates)
        counts = _COUNTS.get(self.digest, question, self._counts)
        return rank(question, list(candidates.values()), Vocabulary(self.size, counts))

    def _shown(self, key: str) -> Shown:
        # One by one: for several at once SQLite goes through all articles of the tenant
        query = f"SELECT {COLUMNS} FROM article WHERE tenant = ? AND article_id = ?"  # noqa: S608 - a constant
        shown: Shown = self.connection.execute(query, (self.number, key)).fetchone()
        return shown

    def _counts(self, tokens: Sequence[str]) -> dict[str, int]:
        query = f"SELECT term, doc FROM vocabulary_{self.number} WHERE term IN ({_marks(tokens)})"  # noqa: S608 - a number
        return dict.fromkeys(tokens, 0) | dict(self.connection.execute(query, tokens).fetchall())

    def _candidates(self, numbers: Sequence[int]) -> dict[int, MeantArticle]:
        phrasings: dict[int, list[Phrasing]] = defaultdict(list)
        query = "SELECT article, text, tokens, mass FROM phrasing WHERE tenant = ? AND article IN"
        for number, text, pieces, mass in self.connection.execute(
            f"{query} ({_marks(numbers)})", (self.number, *numbers)
        ):
            phrasings[number].append(Phrasing(text, frozenset(pieces.split()), mass))
        query = "SELECT number, article_id, answer_tokens FROM article WHERE tenant = ? AND number IN"
        return {
            number: MeantArticle(key, tuple(phrasings[number]), frozenset(pieces.split()))
            for number, key, pieces in self.connection.execute(f"{query} ({_marks(numbers)})", (self.number, *numbers))
        }

    def _best_by_words(self, question: Sequence[str]) -> list[int]:
        match = " OR ".join(f'"{token}"' for token in telling(question))  # letters and digits: no quote in a token
        words = f"words_{self.number}"
        query = (
            f"SELECT rowid FROM {words} WHERE {words} MATCH ? AND rowid NOT IN ({SHUT})"  # noqa: S608 - a number
            f" ORDER BY bm25({words}, {QUESTION}, {SIMILAR}, {ANSWER}) LIMIT {_CANDIDATES}"
        )
        return [number for (number,) in self.connection.execute(query, (match, *self._shut))]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
