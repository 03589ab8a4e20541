"""Every version of every article, written in the transaction that changes it: history and transactional outbox in one.

`bump` takes the tenant's row of revisions first in a transaction, so revisions of a tenant are committed in order. A
program of before this table writes articles without a version, in a rolling upgrade: what it did is found by a second
counter, up to which the log is whole, and is given the version that it lacks by whoever writes or reads next.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from wecom_bot.adapters.sql import article_wordings, schema
from wecom_bot.adapters.sql.article_rows import article_of
from wecom_bot.adapters.sql.removal import chunks
from wecom_bot.adapters.sql.revisions import Revised, bump, put, revision
from wecom_bot.adapters.sql.schema import short
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.domain.knowledge import Article, ArticleChange, ArticleVersion
from wecom_bot.domain.message import CorpId

_TABLE, _ARTICLES = schema.article_versions, schema.articles
_AT_ONCE = 500  # rows


@dataclass(frozen=True, slots=True)
class ArticleLog:
    """A tenant's log within one transaction, which holds the tenant's row of revisions: `begin` or `catch_up` is first.

    `now` is what it notes as the time of what it writes.
    """

    connection: sa.Connection
    corp_id: CorpId
    now: datetime

    def begin(self) -> int:
        """The revision of what this transaction is about to change."""
        bump(self.connection, Revised.ARTICLES, self.corp_id)
        found = revision(self.connection, Revised.ARTICLES, self.corp_id)
        self._adopt(found - 1)
        article_wordings.catch_up(self.connection, self.corp_id, found - 1)
        for derived in (Revised.ARTICLE_LOG, Revised.WORDINGS):
            put(self.connection, derived, found, self.corp_id)
        return found

    def catch_up(self, what: Revised) -> None:
        """Make the log whole, and the wordings where they are meant, without any change of our own."""
        found = revision(self.connection, Revised.ARTICLES, self.corp_id, held=True)
        self._adopt(found)
        put(self.connection, Revised.ARTICLE_LOG, found, self.corp_id)
        if what is Revised.WORDINGS:
            article_wordings.catch_up(self.connection, self.corp_id, found)

    def write(self, number: int, said: Mapping[str, Article | None], author: str) -> None:
        """Note what articles say from this revision on; None where they are removed."""
        fixed = {"corp_id": self.corp_id, "revision": number, "author": short(author), "saved_at": self.now}
        rows = ({**fixed, "article_id": each, "article": _dumped(article)} for each, article in said.items())
        while some := list(islice(rows, _AT_ONCE)):
            self.connection.execute(replace(self.connection.dialect.name, _TABLE), some)

    def _adopt(self, number: int) -> None:
        """Give what a program without this log changed the version that it lacks."""
        if revision(self.connection, Revised.ARTICLE_LOG, self.corp_id) >= number:
            return
        logged = dict(self._newest())
        query = sa.select(_ARTICLES).where(_ARTICLES.c.corp_id == self.corp_id)
        there = {row.article_id: article_of(row) for row in self.connection.execute(query)}
        strange: dict[str, Article | None] = {
            each: article for each, article in there.items() if logged.get(each) != article
        }
        strange |= {each: None for each, article in logged.items() if article and each not in there}
        self.write(number, strange, author="")
        self._stamp(number, [each for each, article in strange.items() if article])

    def _newest(self) -> Iterator[tuple[str, Article | None]]:
        query = newest(self.corp_id).with_only_columns(_TABLE.c.article_id, _TABLE.c.article)
        for article_id, article in self.connection.execute(query):
            yield article_id, loaded(article)

    def _stamp(self, number: int, article_ids: Iterable[str]) -> None:
        """Note in the articles themselves which version they are."""
        values = {"revision": number, "author": "", "saved_at": self.now}
        for these in chunks(_ARTICLES.c.article_id, self.corp_id, article_ids):
            self.connection.execute(sa.update(_ARTICLES).where(these).values(values))


def whole(connection: sa.Connection, corp_id: CorpId, what: Revised = Revised.ARTICLE_LOG) -> bool:
    """Whether the log, or the wordings, have everything that was changed until now."""
    found = revision(connection, Revised.ARTICLES, corp_id)
    return revision(connection, what, corp_id) >= found


def newest(corp_id: CorpId) -> sa.Select[Any]:
    """The newest version of each of a tenant's articles, of those too that were removed."""
    later = _TABLE.alias()
    overtaken = sa.exists().where(
        later.c.corp_id == corp_id, later.c.article_id == _TABLE.c.article_id, later.c.revision > _TABLE.c.revision
    )
    return sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id, ~overtaken)


def changes(
    connection: sa.Connection, corp_id: CorpId, part: sa.ColumnElement[bool], most: int
) -> Iterator[ArticleChange]:
    """The newest versions in a part of the log, by revision and id."""
    said = newest(corp_id).with_only_columns(_TABLE.c.article_id, _TABLE.c.revision, _TABLE.c.article)
    query = said.where(part).order_by(_TABLE.c.revision, _TABLE.c.article_id).limit(most)
    # MySQL would sort all that the tenant ever wrote for each piece of it
    rows = connection.execute(query.with_hint(_TABLE, "FORCE INDEX (article_versions_by_revision)", "mysql"))
    for article_id, number, article in rows:
        yield ArticleChange(article_id, number, loaded(article))


def version_of(row: sa.Row[Any]) -> ArticleVersion:
    """What a row of the log says."""
    return ArticleVersion(row.article_id, row.revision, row.author, row.saved_at, loaded(row.article))


def loaded(article: str | None) -> Article | None:
    """What a version says."""
    found: Article | None = None if article is None else _json().validate_json(article)
    return found


def _dumped(article: Article | None) -> str | None:
    return None if article is None else _json().dump_json(article, exclude_defaults=True).decode()


@cache
def _json() -> TypeAdapter[Article]:
    return TypeAdapter(Article)
