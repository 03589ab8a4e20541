"""Labels out of the record of turns: what was asked before a menu, and what was picked from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.contracts.test_records import ACME, GLOBEX, NOW, made_record
from wecom_bot.adapters.sql.clicks import SqlClicks
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import NONE_OF_THESE, Choice, CorpId
from wecom_bot.ports import TurnRecord

NONE = Choice(NONE_OF_THESE, "都不是")


def said(
    message_id: str, after: int, answerer: Answerer, *, customer: str = "wm1", corp_id: CorpId = ACME
) -> TurnRecord:
    record = made_record(message_id, customer=customer, corp_id=corp_id, at=NOW + timedelta(seconds=after))
    state = replace(record.turn.state, offered=(Choice("a1", "伞"), Choice("a2", "雨衣"), NONE))
    return replace(record, turn=replace(record.turn, state=state, answerer=answerer, passages=()))


def picked(message_id: str, after: int, article_id: str, **whose: object) -> TurnRecord:
    record = said(message_id, after, Answerer.ARTICLE, **whose)  # type: ignore[arg-type]
    return replace(record, turn=replace(record.turn, passages=(Passage(article_id, "", "", 1.0),)))


def refused(message_id: str, after: int) -> TurnRecord:
    record = said(message_id, after, Answerer.PHRASE)
    clicked = tuple(replace(each, menu_id=NONE_OF_THESE) for each in record.turn.messages)
    return replace(record, turn=replace(record.turn, messages=clicked))


@pytest.fixture
def records(sql_engine: sa.Engine) -> SqlRecords:
    return SqlRecords(sql_engine)


def labels(records: SqlRecords, corp_id: CorpId = ACME) -> list[tuple[str, str | None]]:
    return list(SqlClicks(records.engine).load(corp_id))


def test_what_was_picked_is_the_article_of_what_was_asked(records: SqlRecords) -> None:
    records.write([said("m1", 0, Answerer.MENU), picked("m2", 5, "a2"), refused("m9", 9)])
    assert labels(records) == [("m1 哪里有伞🌂", "a2")]


def test_nothing_was_meant_where_none_of_these_was_clicked_on(records: SqlRecords) -> None:
    records.write([said("m1", 0, Answerer.MENU), refused("m2", 5)])
    assert labels(records) == [("m1 哪里有伞🌂", None)]


def test_who_asks_on_picked_nothing(records: SqlRecords) -> None:
    records.write([said("m1", 0, Answerer.MENU), said("m2", 5, Answerer.PHRASE), picked("m3", 6, "a1")])
    records.write([said("m4", 7, Answerer.MENU), picked("m5", 8, "a7")])
    assert labels(records) == []


def test_customers_and_tenants_are_kept_apart(records: SqlRecords) -> None:
    records.write([said("m1", 0, Answerer.MENU), picked("m2", 5, "a1", customer="wm2")])
    records.write([said("m3", 0, Answerer.MENU, corp_id=GLOBEX), picked("m4", 5, "a1", corp_id=GLOBEX)])
    assert labels(records) == []
    assert labels(records, GLOBEX) == [("m3 哪里有伞🌂", "a1")]
