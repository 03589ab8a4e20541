"""What search indexes did not take, and leases for what one process at a time does."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import INSTANT, TEXT, table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "search_refusals",
        sa.Column("index_name", sa.String(255), primary_key=True),
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("article_id", sa.String(255), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("refused_at", INSTANT, nullable=False),
    )
    table(
        "leases",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(255), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
    )
