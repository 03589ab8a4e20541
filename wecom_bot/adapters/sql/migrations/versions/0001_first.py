"""Tenants, articles, and the record of conversations.

The tables are written out, not taken from `schema.py`: that file says how they are now, this one how they were.
Each step asks first whether it was done, because MySQL cannot take back half a migration.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
_BYTES = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")


def upgrade() -> None:
    _tenants()
    _articles()
    _record()


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        *parts,
        if_not_exists=True,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def _index(name: str, table: str, *columns: str) -> None:
    # not if_not_exists: MySQL, unlike MariaDB, does not know it for an index
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, columns)


def _tenants() -> None:
    _table(
        "tenants",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("profile", _TEXT, nullable=False),
        sa.Column("secrets", _BYTES, nullable=False),
    )
    _table(
        "revisions",
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )


def _articles() -> None:
    _table(
        "articles",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("article_id", sa.String(255), primary_key=True),
        sa.Column("question", _TEXT, nullable=False),
        sa.Column("similar", _TEXT, nullable=False),
        sa.Column("answer", _TEXT, nullable=False),
    )


def _record() -> None:
    _table(
        "conversations",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("customer", sa.String(255), primary_key=True),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("attendant", sa.String(16), nullable=False),
        sa.Column("first_turn_at", _INSTANT, nullable=False),
        sa.Column("last_turn_at", _INSTANT, nullable=False),
    )
    _index("conversations_by_time", "conversations", "corp_id", "last_turn_at")
    _turns()
    _table(
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
    _table(
        "turns",
        sa.Column("corp_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("turn_id", sa.String(255), primary_key=True),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("trace_id", sa.String(64), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("answerer", sa.String(16), nullable=False),
        sa.Column("handoff", sa.String(64)),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("reply", _TEXT),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("turn", _TEXT, nullable=False),
    )
    _index("turns_by_customer", "turns", "corp_id", "channel", "account", "customer", "began_at")
    _index("turns_by_time", "turns", "corp_id", "began_at")
    _index("turns_by_trace", "turns", "corp_id", "trace_id")
