"""How much a tenant wrote, without reading it."""

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading
from wecom_bot.domain.message import CorpId


def count_articles(engine: sa.Engine, corp_id: CorpId) -> int:
    """How many articles. Raises TemporaryFailure."""
    articles = schema.articles
    with reading(engine) as connection:
        query = sa.select(sa.func.count()).select_from(articles).where(articles.c.corp_id == corp_id)
        return connection.scalar(query) or 0
