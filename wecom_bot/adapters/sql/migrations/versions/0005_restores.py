"""When all of this was brought back from a backup, and until when nobody knows who was answered."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import INSTANT, table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "restores",
        sa.Column("restored_at", INSTANT, primary_key=True),
        sa.Column("lost_at", INSTANT, nullable=False),
    )
