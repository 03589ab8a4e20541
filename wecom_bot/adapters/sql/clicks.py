"""What customers picked from the bot's menus: questions with the article that was meant."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import NONE_OF_THESE, CorpId

_MOST = 20_000  # turns, the newest: a calibration wants what customers ask now
_TABLE = schema.turns
_WHOSE = (_TABLE.c.channel, _TABLE.c.account, _TABLE.c.customer)


@dataclass(frozen=True, slots=True)
class SqlClicks:
    """Reads them from the record of turns."""

    engine: sa.Engine

    def load(self, corp_id: CorpId) -> Iterator[tuple[str, str | None]]:
        """What was asked, and the id of the article that was picked; None where nothing in the menu was meant."""
        newest = (
            sa.select(*_WHOSE, _TABLE.c.began_at, _TABLE.c.answerer, _TABLE.c.text, _TABLE.c.state, _TABLE.c.turn)
            .where(_TABLE.c.corp_id == corp_id)
            .order_by(_TABLE.c.began_at.desc())
            .limit(_MOST)
        )
        with reading(self.engine) as connection:
            rows = sorted(connection.execute(newest), key=lambda row: (*_customer(row), row.began_at))
        for asked, picked in pairwise(rows):
            if asked.answerer == Answerer.MENU and _customer(asked) == _customer(picked):
                yield from _label(asked, picked)


def _customer(row: sa.Row[*tuple[Any, ...]]) -> tuple[object, ...]:
    return row.channel, row.account, row.customer


def _label(asked: sa.Row[*tuple[Any, ...]], picked: sa.Row[*tuple[Any, ...]]) -> Iterator[tuple[str, str | None]]:
    offered = {choice["choice_id"] for choice in json.loads(asked.state)["offered"]} - {NONE_OF_THESE}
    then = json.loads(picked.turn)
    if picked.answerer == Answerer.ARTICLE and len(then["passages"]) == 1:
        found = then["passages"][0]["article_id"]
        if found in offered:
            yield asked.text, found
    elif any(message["menu_id"] == NONE_OF_THESE for message in then["messages"]):
        yield asked.text, None
