"""In which words each article is asked."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import index, table

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "article_wordings",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("wording", sa.String(32), primary_key=True),
        sa.Column("article_id", sa.String(255), primary_key=True),
    )
    index("article_wordings_by_article", "article_wordings", "corp_id", "article_id")
