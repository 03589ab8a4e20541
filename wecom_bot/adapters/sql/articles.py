"""What tenants wrote, in SQL."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.removal import remove
from wecom_bot.adapters.sql.revisions import Revised, bump, revision
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.domain.attachments import dumped, loaded
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId

_TABLE = schema.articles


@dataclass(frozen=True, slots=True)
class SqlArticles:
    """Keeps articles in SQL, with a revision for each tenant."""

    engine: sa.Engine

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        query = sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id).order_by(_TABLE.c.article_id)
        with reading(self.engine) as connection:
            return [
                Article(
                    row.article_id,
                    row.question,
                    row.answer,
                    tuple(json.loads(row.similar)),
                    loaded(row.attachments),
                    bool(row.careful),
                )
                for row in connection.execute(query)
            ]

    def save(self, corp_id: CorpId, articles: Iterable[Article]) -> int:
        rows = {article.article_id: _row(corp_id, article) for article in articles}  # drawn before the lock is taken
        if not rows:
            return 0
        with writing(self.engine) as connection:
            bump(connection, Revised.ARTICLES, corp_id)
            connection.execute(replace(connection.dialect.name, _TABLE), list(rows.values()))
        return len(rows)

    def remove(self, corp_id: CorpId, article_ids: Iterable[str]) -> int:
        ids = set(article_ids)
        if not ids:
            return 0
        with writing(self.engine) as connection:
            bump(connection, Revised.ARTICLES, corp_id)
            return remove(connection, _TABLE.c.article_id, corp_id, ids)

    def revision(self, corp_id: CorpId) -> int:
        with reading(self.engine) as connection:
            return revision(connection, Revised.ARTICLES, corp_id)


def _row(corp_id: CorpId, article: Article) -> dict[str, str | bool]:
    return {
        "corp_id": corp_id,
        "article_id": article.article_id,
        "question": article.question,
        "similar": json.dumps(article.similar, ensure_ascii=False),
        "answer": article.answer,
        "attachments": dumped(article.attachments),
        "careful": article.careful,
    }
