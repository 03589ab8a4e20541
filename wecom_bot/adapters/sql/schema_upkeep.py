"""The tables of who keeps up to date what is derived from articles."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.column_types import Instant, LongText
from wecom_bot.adapters.sql.table_parts import MYSQL, corp_id, metadata

_LONGEST_ID = 255  # as in schema.py

search_refusals = sa.Table(  # which articles an index did not take
    "search_refusals",
    metadata,
    sa.Column("index_name", sa.String(_LONGEST_ID), primary_key=True),
    corp_id(),
    sa.Column("article_id", sa.String(_LONGEST_ID), primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("reason", LongText, nullable=False),
    sa.Column("refused_at", Instant, nullable=False),
    **MYSQL,
)

article_wordings = sa.Table(  # in which words each article is asked: see article_wordings.py
    "article_wordings",
    metadata,
    corp_id(),
    sa.Column("wording", sa.String(32), primary_key=True),  # a digest
    sa.Column("article_id", sa.String(_LONGEST_ID), primary_key=True),
    sa.Index("article_wordings_by_article", "corp_id", "article_id"),
    **MYSQL,
)

leases = sa.Table(  # of what one process at a time does
    "leases",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("token", sa.String(64), nullable=False),
    sa.Column("holder", sa.String(_LONGEST_ID), nullable=False),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    **MYSQL,
)
