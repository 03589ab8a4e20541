"""What tenants wrote, in SQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from wecom_bot.adapters.sql import article_log, article_wordings, schema
from wecom_bot.adapters.sql.article_log import ArticleLog
from wecom_bot.adapters.sql.article_pruning import forget_removed, prune
from wecom_bot.adapters.sql.article_rows import article_of, row_of
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.removal import chunks, present, remove
from wecom_bot.adapters.sql.revisions import Revised, revision, revisions
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import Article, ArticleChange, ArticleVersion, Position
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ChangedMeanwhile
from wecom_bot.ports import Clock

_TABLE, _LOG = schema.articles, schema.article_versions


@dataclass(frozen=True, slots=True)
class SqlArticles:
    """Keeps articles in SQL, with a revision for each tenant, and every version of them.

    Implements ports.Articles, ports.ArticleBook, ports.ArticleChanges.
    """

    engine: sa.Engine
    clock: Clock = field(default_factory=SystemClock)

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        query = sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id).order_by(_TABLE.c.article_id)
        with reading(self.engine) as connection:
            return [article_of(row) for row in connection.execute(query)]

    def asked_so(self, corp_id: CorpId, article_id: str, texts: Iterable[str]) -> Sequence[Article]:
        self._catch_up(corp_id, Revised.WORDINGS)
        with reading(self.engine) as connection:
            ids = {article_id, *article_wordings.asked_so(connection, corp_id, texts)}
            queries = (sa.select(_TABLE).where(these) for these in chunks(_TABLE.c.article_id, corp_id, ids))
            return [article_of(row) for query in queries for row in connection.execute(query)]

    def save(self, corp_id: CorpId, articles: Iterable[Article], author: str = "", seen: int | None = None) -> int:
        said = {article.article_id: article for article in articles}
        now = self.clock.now()
        rows = [row_of(corp_id, article, author, now) for article in said.values()]  # drawn before the lock is taken
        if not rows:
            return 0
        asked = article_wordings.rows_of(corp_id, said.values())
        with writing(self.engine) as connection:
            log = ArticleLog(connection, corp_id, now)
            number = log.begin()
            if seen is not None and number != seen + 1:
                raise ChangedMeanwhile("别人刚改过知识条目，请再试 / somebody else changed the articles: try again")
            connection.execute(replace(connection.dialect.name, _TABLE), [{**row, "revision": number} for row in rows])
            log.write(number, said, author)
            article_wordings.write(connection, corp_id, said, asked)
            prune(connection, corp_id, said)
        return len(rows)

    def remove(self, corp_id: CorpId, article_ids: Iterable[str], author: str = "") -> int:
        ids = set(article_ids)
        if not ids:
            return 0
        with writing(self.engine) as connection:
            log = ArticleLog(connection, corp_id, self.clock.now())
            number = log.begin()
            log.write(number, dict.fromkeys(present(connection, _TABLE.c.article_id, corp_id, ids)), author)
            article_wordings.write(connection, corp_id, ids, [])
            forget_removed(connection, corp_id, self.clock.now())
            return remove(connection, _TABLE.c.article_id, corp_id, ids)

    def versions(
        self, corp_id: CorpId, article_id: str, most: int = 1, before: int | None = None
    ) -> Sequence[ArticleVersion]:
        self._catch_up(corp_id)
        query = sa.select(_LOG).where(_LOG.c.corp_id == corp_id, _LOG.c.article_id == article_id)
        if before is not None:
            query = query.where(_LOG.c.revision < before)
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(_LOG.c.revision.desc()).limit(most))
            # compared here: for MySQL, ids that differ only by spaces at the end are the same
            return [article_log.version_of(row) for row in rows if row.article_id == article_id]

    def revision(self, corp_id: CorpId) -> int:
        with reading(self.engine) as connection:
            return revision(connection, Revised.ARTICLES, corp_id)

    def revisions(self) -> Mapping[CorpId, int]:
        with reading(self.engine) as connection:
            return {CorpId(each): number for each, number in revisions(connection, Revised.ARTICLES).items()}

    def since(self, corp_id: CorpId, position: Position, most: int = 1000) -> Sequence[ArticleChange]:
        self._catch_up(corp_id)
        found: list[ArticleChange] = []
        with reading(self.engine) as connection:
            for part in _parts(position):
                found += article_log.changes(connection, corp_id, part, most - len(found))
        return found

    def _catch_up(self, corp_id: CorpId, what: Revised = Revised.ARTICLE_LOG) -> None:
        with reading(self.engine) as connection:
            if article_log.whole(connection, corp_id, what):
                return
        with writing(self.engine) as connection:
            ArticleLog(connection, corp_id, self.clock.now()).catch_up(what)


def _parts(position: Position) -> Iterator[sa.ColumnElement[bool]]:
    """What lies behind a position, as ranges of an index: one condition would be read from the revision's first on."""
    if position.article_id is not None:
        yield (_LOG.c.revision == position.revision) & (_LOG.c.article_id > position.article_id)
    yield _LOG.c.revision > position.revision
