"""Articles that need more before they are answered."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import column

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column("articles", sa.Column("careful", sa.Boolean))
