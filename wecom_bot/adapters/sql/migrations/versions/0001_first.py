"""Tenants, articles, and the record of conversations.

The tables are written out, not taken from `schema.py`: that file says how they are now, this one how they were.
"""

import sqlalchemy as sa

from wecom_bot.adapters.sql.migrations.steps import BYTES, INSTANT, TEXT, index, table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tenants()
    _articles()
    _record()


def _tenants() -> None:
    table(
        "tenants",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("profile", TEXT, nullable=False),
        sa.Column("secrets", BYTES, nullable=False),
    )
    table(
        "revisions",
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )


def _articles() -> None:
    table(
        "articles",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("article_id", sa.String(255), primary_key=True),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("similar", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
    )


def _record() -> None:
    table(
        "conversations",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("customer", sa.String(255), primary_key=True),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("attendant", sa.String(16), nullable=False),
        sa.Column("first_turn_at", INSTANT, nullable=False),
        sa.Column("last_turn_at", INSTANT, nullable=False),
    )
    index("conversations_by_time", "conversations", "corp_id", "last_turn_at")
    _turns()
    table(
        "messages",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("message_id", sa.String(255), primary_key=True),
        sa.Column("turn_id", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["corp_id", "channel", "account", "turn_id"],
            ["turns.corp_id", "turns.channel", "turns.account", "turns.turn_id"],
            name="messages_of_turn",
            ondelete="CASCADE",
        ),
    )


def _turns() -> None:
    table(
        "turns",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("turn_id", sa.String(255), primary_key=True),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("trace_id", sa.String(64), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("answerer", sa.String(16), nullable=False),
        sa.Column("handoff", sa.String(64)),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("reply", TEXT),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("turn", TEXT, nullable=False),
    )
    index("turns_by_customer", "turns", "corp_id", "channel", "account", "customer", "began_at")
    index("turns_by_time", "turns", "corp_id", "began_at")
    index("turns_by_trace", "turns", "corp_id", "trace_id")
