"""The turns of a while, read for who counts them: of each no more than that takes, for there may be many."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageKind, shown
from wecom_bot.ports import KeptTurn

_AT_ONCE = 500  # rows
_COLUMNS = schema.turns.c
_IN_ORDER = (_COLUMNS.channel, _COLUMNS.account, _COLUMNS.customer, _COLUMNS.began_at, _COLUMNS.turn_id)
_LIGHT = (_COLUMNS.trace_id, _COLUMNS.handoff, _COLUMNS.answered, _COLUMNS.text, _COLUMNS.state)
# Most of the whole turn is passages: it is drawn only where something stands in it that no column has
_ASKS = sa.and_(_COLUMNS.handoff.is_(None), _COLUMNS.answerer == Answerer.PHRASE.value)
_WHOLE = sa.case((sa.or_(_ASKS, _COLUMNS.text == ""), _COLUMNS.turn)).label("whole")


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


def _kept(corp_id: CorpId, row: sa.Row[*tuple[Any, ...]]) -> KeptTurn:
    state, whole = json.loads(row.state), json.loads(row.whole or "{}")
    said = (shown(MessageKind(each["kind"]), each["text"]) for each in whole.get("messages", ()))
    return KeptTurn(
        ConversationId(corp_id, Channel(row.channel), row.account, row.customer),
        row.trace_id,
        row.began_at,
        state["session_id"],
        row.text or "\n".join(filter(None, said)),
        state["misses"],
        tuple(choice["text"] for choice in state["offered"]),
        row.handoff or "",
        whole.get("request", ""),
        row.answered,
    )
