"""The record of conversations and turns, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from pydantic import TypeAdapter

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.schema import short
from wecom_bot.adapters.sql.upsert import Value, replace, replace_if_newer, upsert
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageId
from wecom_bot.ports import TurnRecord

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """Keeps every closed turn whole, with columns for what people will ask about."""

    engine: sa.Engine

    def write(self, records: Sequence[TurnRecord]) -> None:
        if not records:
            return
        in_order = sorted(records, key=_key)  # writers of the same rows lock them in the same order
        turns = [_turn(record) for record in in_order]
        messages = [row for record in in_order for row in _messages(record)]
        conversations = [_conversation(record) for record in in_order]
        with writing(self.engine) as connection:
            connection.execute(_keep_conversations(connection), conversations)
            connection.execute(replace_if_newer(connection, schema.turns, "closed_at"), turns)
            connection.execute(replace(connection, schema.messages), messages)

    def answered(self, conversation: ConversationId, message_id: MessageId) -> bool:
        table = schema.messages
        query = sa.select(sa.literal(1)).where(
            table.c.corp_id == conversation.corp_id,
            table.c.channel == conversation.channel.value,
            table.c.account == conversation.account,
            table.c.message_id == short(message_id),
        )
        with reading(self.engine) as connection:
            return connection.scalar(query) is not None

    def knows(self, corp_id: CorpId, account: str) -> bool:
        table = schema.turns
        query = sa.select(sa.literal(1)).where(
            table.c.corp_id == corp_id,
            table.c.channel.in_([channel.value for channel in Channel]),  # named, so that the primary key serves
            table.c.account == account,
        )
        with reading(self.engine) as connection:
            return connection.scalar(query.limit(1)) is not None


@cache
def _json_of(kind: type[Turn] | type[DialogState]) -> TypeAdapter[Turn | DialogState]:
    return TypeAdapter(kind)


def _key(record: TurnRecord) -> tuple[str, ...]:
    where = record.turn.conversation
    when = record.closed_at.isoformat()
    return where.corp_id, where.channel, where.account, where.customer, when, record.turn.turn_id


def _turn(record: TurnRecord) -> Row:
    turn, where = record.turn, record.turn.conversation
    return {
        "corp_id": where.corp_id,
        "channel": where.channel.value,
        "account": where.account,
        "turn_id": short(turn.turn_id),
        "customer": short(where.customer),
        "trace_id": turn.trace_id[:64],
        "sent_at": turn.messages[0].sent_at,
        "began_at": turn.began_at,
        "closed_at": record.closed_at,
        "intent": turn.intent.name[:64],
        "score": turn.intent.score,
        "answerer": turn.answerer.value,
        "handoff": turn.handoff.reason[:64] if turn.handoff else None,
        "answered": record.answered,
        "text": turn.text,
        "reply": turn.reply.text if turn.reply else None,
        "state": _json_of(DialogState).dump_json(turn.state).decode(),
        "turn": _json_of(Turn).dump_json(turn).decode(),
    }


def _messages(record: TurnRecord) -> list[Row]:
    where, turn_id = record.turn.conversation, short(record.turn.turn_id)
    key: Row = {"corp_id": where.corp_id, "channel": where.channel.value, "account": where.account}
    return [{**key, "message_id": short(message.message_id), "turn_id": turn_id} for message in record.turn.messages]


def _conversation(record: TurnRecord) -> Row:
    where, state = record.turn.conversation, record.turn.state
    return {
        "corp_id": where.corp_id,
        "channel": where.channel.value,
        "account": where.account,
        "customer": short(where.customer),
        "session_id": state.session_id,
        "attendant": state.attendant.value,
        "first_turn_at": record.turn.began_at,
        "last_turn_at": record.turn.began_at,
    }


def _keep_conversations(connection: sa.Connection) -> sa.Executable:
    """The newest turn says how a conversation stands, in whatever order turns are written."""
    columns = schema.conversations.c

    def newest(name: str) -> Value:
        return lambda given: sa.case((given["last_turn_at"] >= columns.last_turn_at, given[name]), else_=columns[name])

    def first(given: sa.ColumnCollection[str, sa.ColumnElement[object]]) -> object:
        began = given["first_turn_at"]
        return sa.case((began < columns.first_turn_at, began), else_=columns.first_turn_at)

    names = ("session_id", "attendant", "last_turn_at")  # last_turn_at last: the others compare with it
    return upsert(connection, schema.conversations, {"first_turn_at": first, **{name: newest(name) for name in names}})
