"""What is kept, as rows: every id is cut to what its column holds, so that nothing from outside is too long."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.schema import LONGEST_ACCOUNT, short
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.message import ConversationId, CorpId, InboundMessage, MessageId, unique_id
from wecom_bot.ports import CursorRecord, Entry, EventRecord, MessageRecord, TicketClosed, TicketOpened, TurnRecord

Row = dict[str, object]

_WORD = 64  # characters: names, reasons and trace ids
_KIND = 32


def short_account(account: str) -> str:
    """The account as it is stored."""
    return short(account, LONGEST_ACCOUNT)


def row_id(where: ConversationId, message_id: MessageId) -> str:
    """The id as it is stored: a key of the account's rows."""
    return short(unique_id(where, message_id))


def rows_of(entry: Entry) -> list[tuple[sa.Table, Row]]:
    """Which rows in which tables keep this. Raises ValueError for what has no form as text."""
    match entry:
        case TurnRecord():
            rows = [(schema.conversations, _conversation(entry)), (schema.turns, _turn(entry))]
            return rows + [(schema.messages, row) for row in _messages(entry)]
        case MessageRecord():
            return [(schema.kept_messages, _kept_message(entry))]
        case EventRecord():
            return [(schema.events, _event(entry))]
        case CursorRecord():
            return [(schema.cursors, _cursor(entry))]
        case TicketOpened():
            return [(schema.tickets, _ticket(entry))]
        case TicketClosed():  # no row of its own
            return []


def named(entry: Entry) -> tuple[CorpId, str]:
    """Whose it is, and its id, for the log."""
    match entry:
        case TurnRecord(turn=turn):
            return turn.conversation.corp_id, turn.turn_id
        case MessageRecord(message=message):
            return message.conversation.corp_id, message.message_id
        case EventRecord(event=event):
            return event.conversation.corp_id, event.event_id
        case CursorRecord():
            return entry.corp_id, entry.account
        case TicketOpened(request=request):
            return request.conversation.corp_id, request.request_id
        case TicketClosed():
            return entry.corp_id, entry.request_id


@cache
def _json_of(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _account_of(where: ConversationId) -> Row:
    return {"corp_id": where.corp_id, "channel": where.channel.value, "account": short_account(where.account)}


def _turn(record: TurnRecord) -> Row:
    turn, where = record.turn, record.turn.conversation
    return {
        **_account_of(where),
        "turn_id": row_id(where, turn.turn_id),
        "customer": short(where.customer),
        "trace_id": turn.trace_id[:_WORD],
        "sent_at": turn.messages[0].sent_at,
        "began_at": turn.began_at,
        "closed_at": record.closed_at,
        "intent": turn.intent.name[:_WORD],
        "score": turn.intent.score,
        "answerer": turn.answerer.value,
        "handoff": turn.handoff.reason[:_WORD] if turn.handoff else None,
        "answered": record.answered,
        "text": turn.said,
        "reply": turn.reply.text if turn.reply else None,
        "state": _json_of(DialogState).dump_json(turn.state).decode(),
        "turn": _json_of(Turn).dump_json(turn).decode(),
    }


def _messages(record: TurnRecord) -> list[Row]:
    where = record.turn.conversation
    key = _account_of(where) | {"turn_id": row_id(where, record.turn.turn_id)}
    return [{**key, "message_id": row_id(where, message.message_id)} for message in record.turn.messages]


def _conversation(record: TurnRecord) -> Row:
    where, state = record.turn.conversation, record.turn.state
    return {
        **_account_of(where),
        "customer": short(where.customer),
        "session_id": state.session_id,
        "attendant": state.attendant.value,
        "first_turn_at": record.turn.began_at,
        "last_turn_at": record.turn.began_at,
    }


def _kept_message(record: MessageRecord) -> Row:
    message = record.message
    return {
        **_account_of(message.conversation),
        "message_id": row_id(message.conversation, message.message_id),
        "customer": short(message.conversation.customer),
        "servicer": short(message.servicer),
        "kind": message.kind.value[:_KIND],
        "sent_at": message.sent_at,
        "kept_at": record.kept_at,
        "text": message.text,
        "message": _json_of(InboundMessage).dump_json(message).decode(),
    }


def _event(record: EventRecord) -> Row:
    event = record.event
    return {
        **_account_of(event.conversation),
        "event_id": row_id(event.conversation, event.event_id),
        "customer": short(event.conversation.customer),
        "name": event.name[:_WORD],
        "outcome": record.outcome[:_WORD],
        "happened_at": event.happened_at,
        "kept_at": record.kept_at,
        "detail": _json_of(InboundEvent).dump_json(event).decode(),
    }


def _cursor(record: CursorRecord) -> Row:
    return {
        "corp_id": record.corp_id,
        "account": short_account(record.account),
        "cursor": record.cursor,
        "kept_at": record.kept_at,
    }


def _ticket(record: TicketOpened) -> Row:
    request = record.request
    return {
        **_account_of(request.conversation),
        "request_id": short(request.request_id),
        "customer": short(request.conversation.customer),
        "reason": request.reason[:_WORD],
        "words": request.words,
        "opened_at": request.opened_at,
        "closed_at": request.closed_at,
        "trace_id": request.trace_id[:_WORD],
    }
