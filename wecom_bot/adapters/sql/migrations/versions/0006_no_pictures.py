"""Customers' pictures are not kept: nobody looked at them."""

from wecom_bot.adapters.sql.migrations.steps import no_column

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no_column("contacts", "avatar")
