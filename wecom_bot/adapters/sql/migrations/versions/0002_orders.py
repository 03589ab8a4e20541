"""Customers' orders."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import INSTANT, TEXT, index, table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "orders",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(255), primary_key=True),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("logistics", TEXT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )
    index("orders_by_customer", "orders", "corp_id", "customer")
