"""The tables as they are now; `migrations/` says how they came to be, and a test holds the two together.

Ids that differ only by case are different everywhere: WeCom's are case-sensitive, and MySQL's default collation is not.
"""

from hashlib import sha256

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema_upkeep, table_parts
from wecom_bot.adapters.sql.column_types import Instant, LongBytes, LongText

LONGEST_ID = 255  # with the other columns of its key 1,564 bytes of utf8mb4; InnoDB takes 3,072
LONGEST_ACCOUNT = 64


def short(identifier: str, longest: int = LONGEST_ID) -> str:
    """The id as it is stored: itself, or, where it would not fit, its beginning and its hash.

    What comes from outside must never make a batch of records unwritable for ever.
    """
    if len(identifier) <= longest:
        return identifier
    digest = sha256(identifier.encode()).hexdigest()[: longest // 2]
    return f"{identifier[: longest - len(digest) - 1]}~{digest}"


metadata, _MYSQL, _corp_id = table_parts.metadata, table_parts.MYSQL, table_parts.corp_id
tenants = sa.Table(
    "tenants",
    metadata,
    _corp_id(),
    sa.Column("profile", LongText, nullable=False),  # domain.tenant.Tenant as JSON
    sa.Column("secrets", LongBytes, nullable=False),  # of its apps and its own, sealed: see secrets.py
    **_MYSQL,
)

revisions = sa.Table(  # counters that rise with every change, bumped in the same transaction
    "revisions",
    metadata,
    sa.Column("what", sa.String(32), primary_key=True),
    _corp_id(),  # empty for what belongs to no tenant
    sa.Column("revision", sa.BigInteger, nullable=False),
    **_MYSQL,
)

articles = sa.Table(
    "articles",
    metadata,
    _corp_id(),
    sa.Column("article_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("question", LongText, nullable=False),
    sa.Column("similar", LongText, nullable=False),  # a JSON list
    sa.Column("answer", LongText, nullable=False),
    sa.Column("attachments", LongText),  # a JSON list; NULL, like an empty one, for none
    sa.Column("careful", sa.Boolean),  # NULL for no: who writes an older schema leaves it out
    sa.Column("tags", LongText),  # a JSON list; NULL for none
    sa.Column("valid_from", Instant),
    sa.Column("valid_until", Instant),
    sa.Column("revision", sa.BigInteger),  # of its newest version; NULL, or behind, where an older program wrote
    sa.Column("author", sa.String(LONGEST_ID)),
    sa.Column("saved_at", Instant),
    **_MYSQL,
)

article_versions = sa.Table(  # history, source of a rollback and transactional outbox in one: see article_log.py
    "article_versions",
    metadata,
    _corp_id(),
    sa.Column("article_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("author", sa.String(LONGEST_ID), nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("article", LongText),  # domain.knowledge.Article as JSON; NULL: it was removed
    sa.Index("article_versions_by_revision", "corp_id", "revision", "article_id"),
    **_MYSQL,
)

search_positions = sa.Table(  # how far each search index has read article_versions
    "search_positions",
    metadata,
    sa.Column("index_name", sa.String(LONGEST_ID), primary_key=True),
    _corp_id(),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("article_id", sa.String(LONGEST_ID)),
    **_MYSQL,
)
search_refusals, leases = schema_upkeep.search_refusals, schema_upkeep.leases
article_wordings = schema_upkeep.article_wordings

orders = sa.Table(
    "orders",
    metadata,
    _corp_id(),
    sa.Column("order_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("customer", sa.String(LONGEST_ID), nullable=False),
    sa.Column("status", LongText, nullable=False),
    sa.Column("logistics", LongText, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index("orders_by_customer", "corp_id", "customer"),
    **_MYSQL,
)

conversations = sa.Table(
    "conversations",
    metadata,
    _corp_id(),
    sa.Column("channel", sa.String(8), primary_key=True),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), primary_key=True),
    sa.Column("customer", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("attendant", sa.String(16), nullable=False),
    sa.Column("first_turn_at", Instant, nullable=False),
    sa.Column("last_turn_at", Instant, nullable=False),
    sa.Index("conversations_by_time", "corp_id", "last_turn_at"),
    **_MYSQL,
)

turns = sa.Table(
    "turns",
    metadata,
    _corp_id(),
    sa.Column("channel", sa.String(8), primary_key=True),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), primary_key=True),
    sa.Column("turn_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("customer", sa.String(LONGEST_ID), nullable=False),
    sa.Column("trace_id", sa.String(64), nullable=False),
    sa.Column("sent_at", Instant, nullable=False),  # when the customer wrote the first message
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("closed_at", Instant, nullable=False),
    sa.Column("intent", sa.String(64), nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("answerer", sa.String(16), nullable=False),
    sa.Column("handoff", sa.String(64)),  # the reason, if a servicer was asked for
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("text", LongText, nullable=False),
    sa.Column("reply", LongText),
    sa.Column("state", LongText, nullable=False),  # the DialogState after it, as JSON
    sa.Column("turn", LongText, nullable=False),  # the whole Turn, as JSON
    sa.Index("turns_by_customer", "corp_id", "channel", "account", "customer", "began_at"),
    sa.Index("turns_by_time", "corp_id", "began_at"),
    sa.Index("turns_by_trace", "corp_id", "trace_id"),
    **_MYSQL,
)

messages = sa.Table(  # which turn a message belongs to: one turn may cover several
    "messages",
    metadata,
    _corp_id(),
    sa.Column("channel", sa.String(8), primary_key=True),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), primary_key=True),
    sa.Column("message_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("turn_id", sa.String(LONGEST_ID), nullable=False),
    sa.ForeignKeyConstraint(
        ["corp_id", "channel", "account", "turn_id"],
        ["turns.corp_id", "turns.channel", "turns.account", "turns.turn_id"],
        name="messages_of_turn",
        ondelete="CASCADE",
    ),
    **_MYSQL,
)

kept_messages = sa.Table(  # what nobody had to answer, and so has no turn: a servicer's words, or older history
    "kept_messages",
    metadata,
    _corp_id(),
    sa.Column("channel", sa.String(8), primary_key=True),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), primary_key=True),
    sa.Column("message_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("customer", sa.String(LONGEST_ID), nullable=False),
    sa.Column("servicer", sa.String(LONGEST_ID), nullable=False),  # who said it; empty for the customer
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("text", LongText, nullable=False),
    sa.Column("message", LongText, nullable=False),  # the whole InboundMessage, as JSON
    sa.Index("kept_messages_by_customer", "corp_id", "channel", "account", "customer", "sent_at"),
    sa.Index("kept_messages_by_time", "corp_id", "sent_at"),
    **_MYSQL,
)

events = sa.Table(
    "events",
    metadata,
    _corp_id(),
    sa.Column("channel", sa.String(8), primary_key=True),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), primary_key=True),
    sa.Column("event_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("customer", sa.String(LONGEST_ID), nullable=False),  # empty where it is the account's
    sa.Column("name", sa.String(64), nullable=False),  # WeCom's own for it
    sa.Column("outcome", sa.String(64), nullable=False),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("detail", LongText, nullable=False),  # the whole InboundEvent, as JSON
    sa.Index("events_by_customer", "corp_id", "channel", "account", "customer", "happened_at"),
    sa.Index("events_by_time", "corp_id", "happened_at"),
    **_MYSQL,
)

cursors = sa.Table(  # for the day on which Redis is lost: everything before it has been dealt with
    "cursors",
    metadata,
    _corp_id(),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), primary_key=True),
    sa.Column("cursor", LongText, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    **_MYSQL,
)

tickets = sa.Table(
    "requests",
    metadata,
    _corp_id(),
    sa.Column("request_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("account", sa.String(LONGEST_ACCOUNT), nullable=False),
    sa.Column("customer", sa.String(LONGEST_ID), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("words", LongText, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),  # null while it is open
    sa.Column("trace_id", sa.String(64), nullable=False),
    sa.Index("requests_open", "corp_id", "closed_at", "opened_at"),
    sa.Index("requests_by_time", "corp_id", "opened_at"),
    **_MYSQL,
)

contacts = sa.Table(
    "contacts",
    metadata,
    _corp_id(),
    sa.Column("customer", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("nickname", LongText, nullable=False),
    sa.Column("fetched_at", Instant, nullable=False),
    **_MYSQL,
)

restores = sa.Table(  # each time that all this was brought back from a backup
    "restores",
    metadata,
    sa.Column("restored_at", Instant, primary_key=True),
    sa.Column("lost_at", Instant, nullable=False),  # until when customers were answered that we know nothing of
    **_MYSQL,
)
