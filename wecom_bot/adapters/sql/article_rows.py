"""Articles as rows."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wecom_bot.adapters.sql.schema import short
from wecom_bot.domain.attachments import dumped, loaded
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId

Row = dict[str, object]


def article_of(row: sa.Row[Any]) -> Article:
    """What the row says; columns that an older program knows nothing of are NULL for nothing."""
    return Article(
        row.article_id,
        row.question,
        row.answer,
        tuple(json.loads(row.similar)),
        loaded(row.attachments),
        bool(row.careful),
        tuple(json.loads(row.tags or "[]")),
        row.valid_from,
        row.valid_until,
    )


def row_of(corp_id: CorpId, article: Article, author: str, saved_at: datetime) -> Row:
    """The row that says it, but for its revision."""
    return {
        "corp_id": corp_id,
        "article_id": article.article_id,
        "question": article.question,
        "similar": json.dumps(article.similar, ensure_ascii=False),
        "answer": article.answer,
        "attachments": dumped(article.attachments),
        "careful": article.careful,
        "tags": json.dumps(article.tags, ensure_ascii=False) if article.tags else None,
        "valid_from": article.valid_from,
        "valid_until": article.valid_until,
        "author": short(author),
        "saved_at": saved_at,
    }
