"""The turns that were kept, for who counts or reads them: of each no more than that takes, for there may be many."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading
from wecom_bot.adapters.sql.schema import short
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageKind, shown
from wecom_bot.errors import Unknown
from wecom_bot.ports import KeptTurn, ToldTurn

_AT_ONCE = 500  # rows
_COLUMNS = schema.turns.c
_IN_ORDER = (_COLUMNS.channel, _COLUMNS.account, _COLUMNS.customer, _COLUMNS.began_at, _COLUMNS.turn_id)
_LIGHT = (_COLUMNS.trace_id, _COLUMNS.handoff, _COLUMNS.answered, _COLUMNS.text, _COLUMNS.state)
# Most of the whole turn is passages: it is drawn only where something stands in it that no column has
_ASKS = sa.and_(_COLUMNS.handoff.is_(None), _COLUMNS.answerer == Answerer.PHRASE.value)
_WORDLESS = _COLUMNS.text == ""
_WHOLE = sa.case((sa.or_(_ASKS, _WORDLESS), _COLUMNS.turn)).label("whole")
_KEY = (_COLUMNS.channel, _COLUMNS.account, _COLUMNS.turn_id)
_BY_TIME = (_COLUMNS.began_at, *_KEY)  # as the index on the time has them, which ends with the primary key
_TOLD = (*_BY_TIME, *_LIGHT[:-1], _COLUMNS.customer, _COLUMNS.intent, _COLUMNS.reply)


@dataclass(frozen=True, slots=True)
class SqlTurns:
    """Reads them from the record."""

    engine: sa.Engine

    def since(self, corp_id: CorpId, moment: datetime) -> Iterator[KeptTurn]:
        query = (
            sa.select(*_IN_ORDER, *_LIGHT, _WHOLE)
            .where(_COLUMNS.corp_id == corp_id, _COLUMNS.began_at >= moment)
            .order_by(*_IN_ORDER)
            .execution_options(yield_per=_AT_ONCE)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(query):
                yield _kept(corp_id, row)

    def newest(
        self, corp_id: CorpId, *, customer: str | None = None, most: int = 100, after: str | None = None
    ) -> Sequence[ToldTurn]:
        query = sa.select(*_TOLD, sa.case((_WORDLESS, _COLUMNS.turn)).label("whole")).where(_COLUMNS.corp_id == corp_id)
        query = query.order_by(*(each.desc() for each in _BY_TIME)).limit(max(0, most))
        with reading(self.engine) as connection:
            if customer is not None:
                query = query.where(_of(connection, corp_id, short(customer)))
            if after is not None:
                query = query.where(_before(connection, corp_id, after))
            return [_told(corp_id, row) for row in connection.execute(query)]


def _of(connection: sa.Connection, corp_id: CorpId, customer: str) -> sa.ColumnElement[bool]:
    """Whether a turn is the customer's: with whom they talked is asked first, for the index begins with that."""
    talks = schema.conversations.c
    found = connection.execute(
        sa.select(talks.channel, talks.account).where(talks.corp_id == corp_id, talks.customer == customer)
    )
    with_whom = [sa.and_(_COLUMNS.channel == row.channel, _COLUMNS.account == row.account) for row in found]
    return sa.and_(_COLUMNS.customer == customer, sa.or_(sa.false(), *with_whom))


def _before(connection: sa.Connection, corp_id: CorpId, turn_id: str) -> sa.ColumnElement[bool]:
    """Whether a row stands before this turn: the bound of the time stands by itself, so that the index can use it."""
    key = turn_id.split("/", 2)
    where = sa.and_(_COLUMNS.corp_id == corp_id, *(column == each for column, each in zip(_KEY, key, strict=False)))
    began_at = connection.scalar(sa.select(_COLUMNS.began_at).where(where)) if len(key) == len(_KEY) else None
    if began_at is None:
        raise Unknown(f"没有回合 {turn_id} / there is no turn {turn_id}")
    channel, account, its_id = key
    same_account = sa.and_(_COLUMNS.channel == channel, _COLUMNS.account == account, _COLUMNS.turn_id < its_id)
    same_channel = sa.and_(_COLUMNS.channel == channel, _COLUMNS.account < account)
    earlier = sa.or_(_COLUMNS.began_at < began_at, _COLUMNS.channel < channel, same_channel, same_account)
    return sa.and_(_COLUMNS.began_at <= began_at, earlier)


def _told(corp_id: CorpId, row: sa.Row[*tuple[Any, ...]]) -> ToldTurn:
    return ToldTurn(
        f"{row.channel}/{row.account}/{row.turn_id}",
        ConversationId(corp_id, Channel(row.channel), row.account, row.customer),
        row.trace_id,
        row.began_at,
        row.text or _shown(json.loads(row.whole or "{}")),
        row.reply or "",
        row.intent,
        row.handoff or "",
        row.answered,
    )


def _shown(whole: dict[str, Any]) -> str:
    """What was sent without words, as people read it."""
    said = (shown(MessageKind(each["kind"]), each["text"]) for each in whole.get("messages", ()))
    return "\n".join(filter(None, said))


def _kept(corp_id: CorpId, row: sa.Row[*tuple[Any, ...]]) -> KeptTurn:
    state, whole = json.loads(row.state), json.loads(row.whole or "{}")
    return KeptTurn(
        ConversationId(corp_id, Channel(row.channel), row.account, row.customer),
        row.trace_id,
        row.began_at,
        state["session_id"],
        row.text or _shown(whole),
        state["misses"],
        tuple(choice["text"] for choice in state["offered"]),
        row.handoff or "",
        whole.get("request", ""),
        row.answered,
    )
