"""What every article said, revision by revision: its history, and the outbox that search indexes read."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import INSTANT, TEXT, column, index, table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # NULL in all of them: a program of before still writes during a rolling upgrade, and leaves them out
    column("articles", sa.Column("tags", TEXT))
    column("articles", sa.Column("valid_from", INSTANT))
    column("articles", sa.Column("valid_until", INSTANT))
    column("articles", sa.Column("revision", sa.BigInteger))
    column("articles", sa.Column("author", sa.String(255)))
    column("articles", sa.Column("saved_at", INSTANT))
    table(
        "article_versions",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("article_id", sa.String(255), primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("article", TEXT),
    )
    index("article_versions_by_revision", "article_versions", "corp_id", "revision", "article_id")
    table(
        "search_positions",
        sa.Column("index_name", sa.String(255), primary_key=True),
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("article_id", sa.String(255)),
    )
