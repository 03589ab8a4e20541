"""The last lines of a conversation, for people to read: out of turns and of the messages that had none."""

import json
from collections.abc import Iterator, Sequence
from operator import attrgetter

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.rows import short_account
from wecom_bot.adapters.sql.schema import short
from wecom_bot.domain.message import ConversationId, MessageKind, shown
from wecom_bot.ports import Line
from wecom_bot.text import privacy


def recent_lines(connection: sa.Connection, conversation: ConversationId, most: int) -> Sequence[Line]:
    """The last `most` lines, the oldest first, masked."""
    if most <= 0:
        return []
    turns = connection.execute(_newest(schema.turns, conversation, schema.turns.c.began_at, most))
    lines = [line for row in turns for line in _of_turn(row)]
    kept = connection.execute(_newest(schema.kept_messages, conversation, schema.kept_messages.c.sent_at, most))
    lines += [_of_message(row) for row in kept]
    return sorted(lines, key=attrgetter("at"))[-most:]


def _newest(
    table: sa.Table, conversation: ConversationId, when: sa.Column[object], most: int
) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(table)
        .where(
            table.c.corp_id == conversation.corp_id,
            table.c.channel == conversation.channel.value,
            table.c.account == short_account(conversation.account),
            table.c.customer == short(conversation.customer),
        )
        .order_by(when.desc())
        .limit(most)
    )


def _of_turn(row: sa.Row[tuple[object, ...]]) -> Iterator[Line]:
    """What the customer said, and, unless the bot was silent, what it said to that."""
    said = [shown(MessageKind(each["kind"]), each["text"]) for each in json.loads(row.turn)["messages"]]
    yield Line("customer", privacy.mask("\n".join(said)), row.sent_at)
    if row.answered and row.reply:
        yield Line("bot", privacy.mask(row.reply), max(row.closed_at, row.sent_at))


def _of_message(row: sa.Row[tuple[object, ...]]) -> Line:
    text = privacy.mask(shown(MessageKind(row.kind), row.text))
    return Line("servicer" if row.servicer else "customer", text, row.sent_at)
