"""What has no turn: messages that were only kept, events, cursors, requests, contacts; and what articles show."""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import INSTANT, TEXT, column, index, table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _kept_messages()
    _events()
    _requests()
    table(
        "cursors",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("cursor", TEXT, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
    )
    table(
        "contacts",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("customer", sa.String(255), primary_key=True),
        sa.Column("nickname", TEXT, nullable=False),
        sa.Column("avatar", TEXT, nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
    )
    column("articles", sa.Column("attachments", TEXT))  # NULL for none: MySQL gives such a column no other default


def _kept_messages() -> None:
    table(
        "kept_messages",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("message_id", sa.String(255), primary_key=True),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("servicer", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
    )
    index("kept_messages_by_customer", "kept_messages", "corp_id", "channel", "account", "customer", "sent_at")
    index("kept_messages_by_time", "kept_messages", "corp_id", "sent_at")


def _events() -> None:
    table(
        "events",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("event_id", sa.String(255), primary_key=True),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
    )
    index("events_by_customer", "events", "corp_id", "channel", "account", "customer", "happened_at")
    index("events_by_time", "events", "corp_id", "happened_at")


def _requests() -> None:
    table(
        "requests",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("request_id", sa.String(255), primary_key=True),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("trace_id", sa.String(64), nullable=False),
    )
    index("requests_open", "requests", "corp_id", "closed_at", "opened_at")
    index("requests_by_time", "requests", "corp_id", "opened_at")
