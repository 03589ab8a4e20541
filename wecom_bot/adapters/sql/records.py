"""The record of conversations, in SQL."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.closing import closing
from wecom_bot.adapters.sql.engine import reading, unfit, writing
from wecom_bot.adapters.sql.lines import recent_lines
from wecom_bot.adapters.sql.rows import Row, named, row_id, rows_of, short_account
from wecom_bot.adapters.sql.upsert import Value, keep_first, replace, replace_if_newer, upsert
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Entry, Line, TicketClosed
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_Statement = Callable[[str], sa.Executable]


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """Keeps every turn, message, event and ticket whole, with columns for what people will ask about."""

    engine: sa.Engine

    def write(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        try:
            self._write(entries)
        except (TemporaryFailure, sa.exc.StatementError, ValueError, ArithmeticError) as e:
            if not unfit(e):
                raise
            if len(entries) == 1:
                _leave_out(entries[0], e)
                return
            # Which of them it is shows by halves, in order: the others must not wait for ever behind it
            middle = len(entries) // 2
            self.write(entries[:middle])
            self.write(entries[middle:])

    def dealt_with(self, conversation: ConversationId, message_id: MessageId) -> bool:
        which = {
            "of_corp": conversation.corp_id,
            "of_channel": conversation.channel.value,
            "of_account": short_account(conversation.account),
            "of_message": row_id(conversation, message_id),
        }
        with reading(self.engine) as connection:
            return connection.scalar(_DEALT_WITH, which) is not None

    def cursor(self, corp_id: CorpId, account: str) -> str | None:
        table = schema.cursors
        query = sa.select(table.c.cursor).where(table.c.corp_id == corp_id, table.c.account == short_account(account))
        with reading(self.engine) as connection:
            kept = connection.scalar(query)
            if kept is not None:
                return str(kept)
            pulled = (connection.scalar(_anything_of(each, corp_id, account)) for each in _PULLED)
            return "" if any(pulled) else None

    def recent(self, conversation: ConversationId, most: int) -> Sequence[Line]:
        with reading(self.engine) as connection:
            return recent_lines(connection, conversation, most)

    def _write(self, entries: Sequence[Entry]) -> None:
        rows: dict[str, list[Row]] = defaultdict(list)
        for entry in entries:
            for table, row in rows_of(entry):
                rows[table.name].append(row)
        with writing(self.engine) as connection:
            for table, statement in _STATEMENTS:
                if of_table := rows[table.name]:
                    connection.execute(statement(connection.dialect.name), _in_order(table, of_table))
            for entry in entries:  # what they close is there by now
                if isinstance(entry, TicketClosed):
                    connection.execute(closing(entry.corp_id, entry.request_id, entry.closed_at))


def _in_order(table: sa.Table, rows: list[Row]) -> list[Row]:
    """By their key, so that writers of the same rows lock them in the same order; those of one key as they came."""
    return sorted(rows, key=lambda row: [str(row[column.name]) for column in table.primary_key.columns])


def _leave_out(entry: Entry, error: Exception) -> None:
    corp_id, identifier = named(entry)
    kind = type(error.__cause__ or error).__name__  # not its words: they may quote the row
    log.error("record.left_out", corp_id=corp_id, kind=entry.kind, id=identifier, error=kind)


_DEALT_WITH = sa.union_all(
    *(
        sa.select(sa.literal(1)).where(
            table.c.corp_id == sa.bindparam("of_corp"),
            table.c.channel == sa.bindparam("of_channel"),
            table.c.account == sa.bindparam("of_account"),
            table.c.message_id == sa.bindparam("of_message"),
        )
        for table in (schema.messages, schema.kept_messages)
    )
)

_PULLED = (schema.turns, schema.kept_messages, schema.events)


def _anything_of(table: sa.Table, corp_id: CorpId, account: str) -> sa.Executable:
    return (
        sa.select(sa.literal(1))
        .where(
            table.c.corp_id == corp_id,
            table.c.channel == Channel.KF.value,  # the only one that is pulled
            table.c.account == short_account(account),
        )
        .limit(1)
    )


@cache
def _newest_conversation(dialect: str) -> sa.Executable:
    """The newest turn says how a conversation stands, in whatever order turns are written."""
    columns = schema.conversations.c

    def newest(name: str) -> Value:
        return lambda given: sa.case((given["last_turn_at"] >= columns.last_turn_at, given[name]), else_=columns[name])

    def first(given: sa.ColumnCollection[str, sa.ColumnElement[object]]) -> object:
        began = given["first_turn_at"]
        return sa.case((began < columns.first_turn_at, began), else_=columns.first_turn_at)

    names = ("session_id", "attendant", "last_turn_at")  # last_turn_at last: the others compare with it
    return upsert(dialect, schema.conversations, {"first_turn_at": first, **{name: newest(name) for name in names}})


@cache
def _open_ticket(dialect: str) -> sa.Executable:
    """What is told again may have more words; when it was opened and closed stays."""
    columns = schema.tickets.c
    changes: dict[str, Value] = {
        "reason": lambda given: given["reason"],
        "words": lambda given: given["words"],
        "trace_id": lambda given: given["trace_id"],
        "closed_at": lambda given: sa.func.coalesce(columns.closed_at, given["closed_at"]),
    }
    return upsert(dialect, schema.tickets, changes)


_STATEMENTS: tuple[tuple[sa.Table, _Statement], ...] = (  # every writer goes through the tables in this order
    (schema.conversations, _newest_conversation),
    (schema.turns, lambda dialect: replace_if_newer(dialect, schema.turns, "closed_at")),
    (schema.messages, lambda dialect: replace(dialect, schema.messages)),
    (schema.kept_messages, lambda dialect: keep_first(dialect, schema.kept_messages)),
    (schema.events, lambda dialect: keep_first(dialect, schema.events)),
    (schema.cursors, lambda dialect: replace_if_newer(dialect, schema.cursors, "kept_at")),
    (schema.tickets, _open_ticket),
)
