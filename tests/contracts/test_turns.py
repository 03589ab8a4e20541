"""The contract of ports.Turns."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contracts.test_records import ACME, GLOBEX, NOW, made_record
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.turns import SqlTurns
from wecom_bot.domain.dialog import Answerer, Handoff
from wecom_bot.domain.message import Channel, ConversationId, MessageKind
from wecom_bot.ports import KeptTurn, TurnRecord


@pytest.fixture
def turns(sql_engine: sa.Engine) -> SqlTurns:
    return SqlTurns(sql_engine)


def said(message_id: str, minutes: int = 0, *, misses: int = 0, text: str = "能分期吗🌸", **whose: Any) -> TurnRecord:
    """A turn in which nobody was called."""
    record = made_record(message_id, at=NOW + timedelta(minutes=minutes), **whose)
    messages = tuple(replace(each, text=text) for each in record.turn.messages)
    state = replace(record.turn.state, misses=misses)
    return changed(record, messages=messages, state=state, handoff=None, answerer=Answerer.PHRASE)


def changed(record: TurnRecord, **changes: Any) -> TurnRecord:
    return replace(record, turn=replace(record.turn, **changes))


def keep(turns: SqlTurns, *records: TurnRecord) -> None:
    SqlRecords(turns.engine).write(records)


def since(turns: SqlTurns, minutes: int = 0) -> list[KeptTurn]:
    return list(turns.since(ACME, NOW + timedelta(minutes=minutes)))


def test_a_turn_comes_back_with_what_people_count(turns: SqlTurns) -> None:
    keep(turns, said("m1", misses=2))
    where = ConversationId(ACME, Channel.KF, "wk1", "wm1")
    assert since(turns) == [
        KeptTurn(where, "trace-1", NOW, "wm1-1", "能分期吗🌸", misses=2, offered=("伞",), answered=True)
    ]


def test_why_a_human_was_called_or_asked_to_look_is_known(turns: SqlTurns) -> None:
    called = changed(said("m1"), handoff=Handoff("misses"))
    keep(turns, called, changed(said("m2", 1), request="misses"), said("m3", 2))
    assert [(each.handoff, each.request) for each in since(turns)] == [("misses", ""), ("", "misses"), ("", "")]


def test_of_a_message_without_words_it_is_known_what_it_was(turns: SqlTurns) -> None:
    record = said("m1", text="")
    images = tuple(replace(each, kind=MessageKind.IMAGE) for each in record.turn.messages)
    keep(turns, changed(record, messages=(*images, *said("m2", text="").turn.messages)))
    assert [each.words for each in since(turns)] == ["[图片]"]


def test_a_turn_in_which_the_bot_was_silent_says_so(turns: SqlTurns) -> None:
    keep(turns, replace(changed(said("m1"), answerer=Answerer.NOBODY, reply=None), answered=False))
    assert [each.answered for each in since(turns)] == [False]


def test_conversations_come_one_after_the_other_each_from_its_oldest_turn_on(turns: SqlTurns) -> None:
    keep(turns, said("m4", 4), said("n3", 3, customer="wm2"), said("m2", 2), said("n1", 1, customer="wm2"))
    keep(turns, said("a2", 2, channel=Channel.APP, account="7", customer="wm1"), said("k2", 2, account="wk2"))
    found = [(str(each.conversation), each.began_at) for each in since(turns)]
    assert sorted(found) == found
    assert len({where for where, _ in found}) == 4
    assert len(found) == 6


def test_what_began_earlier_stays_away(turns: SqlTurns) -> None:
    keep(turns, *(said(f"m{number}", number) for number in range(4)))
    assert [each.began_at for each in since(turns, 2)] == [NOW + timedelta(minutes=minutes) for minutes in (2, 3)]
    assert since(turns, 4) == []


def test_more_turns_than_are_read_at_once_all_come(turns: SqlTurns) -> None:
    keep(turns, *(said(f"m{number:04}", number) for number in range(1201)))
    found = [each.began_at for each in since(turns)]
    assert len(found) == 1201
    assert found == sorted(found)


def test_tenants_do_not_see_each_other(turns: SqlTurns) -> None:
    keep(turns, said("m1"), said("m1", corp_id=GLOBEX, text="别家的"))
    assert [each.words for each in since(turns)] == ["能分期吗🌸"]
    assert [each.words for each in turns.since(GLOBEX, NOW)] == ["别家的"]
