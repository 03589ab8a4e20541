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
from wecom_bot.errors import Unknown
from wecom_bot.ports import KeptTurn, ToldTurn, TurnRecord


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


def newest(turns: SqlTurns, **asked: Any) -> list[str]:
    return [each.turn_id.rpartition("/")[2] for each in turns.newest(ACME, **asked)]


def test_the_newest_come_first_with_what_was_said_and_replied(turns: SqlTurns) -> None:
    keep(turns, said("m1"), made_record("m2", at=NOW + timedelta(minutes=1)))
    second, first = turns.newest(ACME)
    where = ConversationId(ACME, Channel.KF, "wk1", "wm1")
    assert first == ToldTurn(
        "kf/wk1/m1", where, "trace-1", NOW, "能分期吗🌸", "一楼有", "ask", handoff="", answered=True
    )
    assert (second.words, second.handoff) == ("m2 哪里有伞🌂", "asked")


def test_where_nothing_was_replied_or_said_in_words_it_shows(turns: SqlTurns) -> None:
    record = said("m1", text="")
    images = tuple(replace(each, kind=MessageKind.IMAGE) for each in record.turn.messages)
    keep(turns, replace(changed(record, messages=images, reply=None), answered=False))
    (told,) = turns.newest(ACME)
    assert (told.words, told.reply, told.answered) == ("[图片]", "", False)


def test_one_customer_s_turns_are_found_whomever_they_talked_to(turns: SqlTurns) -> None:
    keep(turns, said("m1", 1), said("n2", 2, customer="wm2"), said("k3", 3, account="wk2"))
    keep(turns, said("a4", 4, channel=Channel.APP, account="7"), said("n5", 5, customer="wm2"))
    assert newest(turns, customer="wm1")[1:] == ["k3", "m1"]
    assert newest(turns, customer="wm1")[0].endswith("a4")
    assert newest(turns, customer="wm1", most=1, after="kf/wk2/k3") == ["m1"]
    assert newest(turns, customer="wm9") == []


def test_pages_lose_and_repeat_none_of_one_moment(turns: SqlTurns) -> None:
    keep(turns, *(said(f"m{number}", number // 3) for number in range(7)), said("m0", account="wk2"))
    keep(turns, said("m1", channel=Channel.APP, account="7"))
    everything = [each.turn_id for each in turns.newest(ACME)]
    assert len(set(everything)) == 9
    found: list[str] = []
    while page := turns.newest(ACME, most=2, after=found[-1] if found else None):
        found += [each.turn_id for each in page]
    assert found == everything
    assert turns.newest(ACME, most=0) == []


@pytest.mark.parametrize("strange", ["", "kf/wk1", "kf/wk1/m9", "kf/wk1/m1/m1", "/"])
def test_another_cursor_is_unknown(turns: SqlTurns, strange: str) -> None:
    keep(turns, said("m1"))
    with pytest.raises(Unknown):
        turns.newest(ACME, after=strange)


def test_tenants_do_not_see_each_other(turns: SqlTurns) -> None:
    keep(turns, said("m1"), said("m1", corp_id=GLOBEX, text="别家的"))
    assert [each.words for each in since(turns)] == ["能分期吗🌸"]
    assert [each.words for each in turns.since(GLOBEX, NOW)] == ["别家的"]
    assert [each.words for each in turns.newest(GLOBEX)] == ["别家的"]
    assert [each.words for each in turns.newest(GLOBEX, customer="wm1")] == ["别家的"]
    keep(turns, said("g2", 2, corp_id=GLOBEX))
    with pytest.raises(Unknown):
        turns.newest(ACME, after="kf/wk1/g2")
