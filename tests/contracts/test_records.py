"""The contract of ports.Records."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.domain.dialog import Answerer, Attendant, DialogState, Handoff, Intent, Turn
from wecom_bot.domain.event import Entered, InboundEvent
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import (
    Channel,
    Choice,
    ConversationId,
    CorpId,
    InboundMessage,
    MessageId,
    MessageKind,
    Reply,
)
from wecom_bot.domain.ticket import Ticket
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import (
    CursorRecord,
    Entry,
    EventRecord,
    Line,
    MessageRecord,
    TicketClosed,
    TicketOpened,
    TurnRecord,
)

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)


def made_record(
    *message_ids: str,
    corp_id: CorpId = ACME,
    customer: str = "wm1",
    channel: Channel = Channel.KF,
    account: str = "wk1",
    at: datetime = NOW,
    attendant: Attendant = Attendant.BOT,
) -> TurnRecord:
    where = ConversationId(corp_id, channel, account, customer)
    messages = tuple(
        InboundMessage(MessageId(message_id), where, "shop", MessageKind.TEXT, at, f"{message_id} 哪里有伞🌂")
        for message_id in message_ids
    )
    state = DialogState(
        session_id="wm1-1",
        started_at=at,
        last_at=at,
        attendant=attendant,
        intent="ask",
        slots={"item": "伞"},
        asking="floor",
        asked=2,
        offered=(Choice("a1", "伞"),),
        writer_memory="7400000000000000001",
    )
    turn = Turn(
        conversation=where,
        messages=messages,
        trace_id="trace-1",
        began_at=at,
        state=state,
        intent=Intent("ask", 0.875),
        recognizer="coze_workflow",
        passages=(Passage("a1", "哪里有伞", "一楼", 1.0),),
        reply=Reply("一楼有"),
        handoff=Handoff("asked"),
        answerer=Answerer.ARTICLE,
        parts=(Reply("一楼有"),),
        spent={"FindKnowledge": 0.1},
    )
    return TurnRecord(turn, answered=True, closed_at=at + timedelta(seconds=1))


def kept(
    message_id: str,
    text: str = "您好，我是小王",
    *,
    servicer: str = "wang",
    corp_id: CorpId = ACME,
    account: str = "wk1",
    customer: str = "wm1",
    at: datetime = NOW,
    kind: MessageKind = MessageKind.TEXT,
) -> MessageRecord:
    where = ConversationId(corp_id, Channel.KF, account, customer)
    message = InboundMessage(
        MessageId(message_id), where, "shop", kind, at, text, detail={"media_id": "M"}, servicer=servicer
    )
    return MessageRecord(message, at + timedelta(seconds=1))


def event(event_id: str, outcome: str = "welcomed", corp_id: CorpId = ACME, account: str = "wk1") -> EventRecord:
    where = ConversationId(corp_id, Channel.KF, account, "wm1")
    happened = InboundEvent(
        MessageId(event_id), where, "shop", "enter_session", NOW, Entered("code", "scene"), {"open_kfid": account}
    )
    return EventRecord(happened, outcome, NOW + timedelta(seconds=1))


def asked(request_id: str, words: str = "请回电", closed_at: datetime | None = None) -> TicketOpened:
    where = ConversationId(ACME, Channel.KF, "wk1", "wm1")
    return TicketOpened(Ticket(request_id, where, "asked", words, NOW, "trace-1", closed_at))


@pytest.fixture
def records(sql_engine: sa.Engine) -> SqlRecords:
    return SqlRecords(sql_engine)


def rows(records: SqlRecords, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with records.engine.connect() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))


def test_a_written_turn_was_answered(records: SqlRecords) -> None:
    record = made_record("m1")
    where = record.turn.conversation
    assert not records.dealt_with(where, MessageId("m1"))
    records.write([record])
    assert records.dealt_with(where, MessageId("m1"))
    assert not records.dealt_with(where, MessageId("M1"))


def test_every_message_of_a_turn_was_answered(records: SqlRecords) -> None:
    record = made_record("m1", "m2", "m3")
    records.write([record])
    assert all(records.dealt_with(record.turn.conversation, MessageId(each)) for each in ("m1", "m2", "m3"))


def test_a_turn_in_which_the_bot_was_silent_is_closed_too(records: SqlRecords) -> None:
    record = replace(made_record("m1"), answered=False)
    records.write([record])
    assert records.dealt_with(record.turn.conversation, MessageId("m1"))


def test_what_is_kept_is_not_kept_twice(records: SqlRecords) -> None:
    batch = [made_record("m1", "m2"), made_record("m3", at=NOW + timedelta(minutes=1))]
    for _ in range(2):
        records.write(batch)
    counts = [len(rows(records, table)) for table in (schema.turns, schema.messages, schema.conversations)]
    assert counts == [2, 3, 1]


def test_the_turn_comes_back_whole(records: SqlRecords) -> None:
    record = made_record("m1", "m2")
    records.write([record])
    (row,) = rows(records, schema.turns)
    assert TypeAdapter(Turn).validate_json(row.turn) == record.turn
    assert TypeAdapter(DialogState).validate_json(row.state) == record.turn.state
    assert (row.text, row.reply, row.handoff) == ("m1 哪里有伞🌂\nm2 哪里有伞🌂", "一楼有", "asked")
    assert (row.intent, row.score, row.answerer, row.answered) == ("ask", 0.875, "article", True)
    assert (row.customer, row.trace_id) == ("wm1", "trace-1")


@pytest.mark.parametrize("answerer", list(Answerer))
def test_every_answerer_can_be_written(records: SqlRecords, answerer: Answerer) -> None:
    record = made_record("m1")
    records.write([replace(record, turn=replace(record.turn, answerer=answerer))])
    (row,) = rows(records, schema.turns)
    assert row.answerer == answerer


def test_instants_are_kept_to_the_microsecond_in_utc(records: SqlRecords) -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    records.write([made_record("m1", at=beijing)])
    (row,) = rows(records, schema.turns)
    assert (row.sent_at, row.began_at, row.closed_at) == (NOW, NOW, NOW + timedelta(seconds=1))
    assert row.began_at.tzinfo is UTC


def test_the_newest_turn_says_how_a_conversation_stands(records: SqlRecords) -> None:
    later = made_record("m2", at=NOW + timedelta(hours=1), attendant=Attendant.SERVICER)
    records.write([later])
    records.write([made_record("m1")])  # an older one, late
    (row,) = rows(records, schema.conversations)
    assert row.attendant == Attendant.SERVICER
    assert (row.first_turn_at, row.last_turn_at) == (NOW, NOW + timedelta(hours=1))


def test_a_turn_that_is_closed_again_replaces_the_older_one_only(records: SqlRecords) -> None:
    first = replace(made_record("m1"), answered=False)
    again = replace(made_record("m1"), answered=True, closed_at=NOW + timedelta(hours=1))
    records.write([again])
    records.write([first])
    (row,) = rows(records, schema.turns)
    assert (row.answered, row.closed_at) == (True, again.closed_at)
    records.write([replace(first, closed_at=NOW + timedelta(hours=2))])
    (row,) = rows(records, schema.turns)
    assert (row.answered, row.closed_at) == (False, NOW + timedelta(hours=2))


def test_ids_of_any_length_are_kept_and_found(records: SqlRecords) -> None:
    long = "x" * 400
    record = made_record(f"{long}1", f"{long}2", customer="员工" * 200)
    records.write([record, made_record(f"{long}3")])
    where = record.turn.conversation
    assert [records.dealt_with(where, MessageId(f"{long}{each}")) for each in "1234"] == [True, True, True, False]
    other = kept(f"{long}5", account=long, customer=long, servicer=long)
    records.write([other, event(long, outcome=long, account=long), asked(long), CursorRecord(ACME, long, long, NOW)])
    assert records.dealt_with(other.message.conversation, other.message.message_id)
    assert records.cursor(ACME, long) == long
    assert [len(records.recent(each, 9)) for each in (where, other.message.conversation)] == [2, 1]


def test_the_same_message_id_in_two_accounts_is_two_messages(records: SqlRecords) -> None:
    records.write([made_record("m1", account="wk1"), made_record("m1", account="wk2")])
    records.write([made_record("m1", channel=Channel.APP, account="1000002")])
    assert len(rows(records, schema.turns)) == 3


def test_two_members_of_an_app_may_bring_one_message_id(records: SqlRecords) -> None:
    app: dict[str, Any] = {"channel": Channel.APP, "account": "1000002"}
    both = [made_record("73", customer=each, **app) for each in ("zhangsan", "lisi")]
    records.write([*both, both[0]])
    assert {row.customer for row in rows(records, schema.turns)} == {"zhangsan", "lisi"}
    assert [records.dealt_with(each.turn.conversation, MessageId("73")) for each in both] == [True, True]
    assert not records.dealt_with(replace(both[0].turn.conversation, customer="wangwu"), MessageId("73"))
    assert [len(records.recent(each.turn.conversation, 9)) for each in both] == [2, 2]


def test_a_kept_message_is_dealt_with_and_comes_back_whole(records: SqlRecords) -> None:
    record = kept("k1")
    where = record.message.conversation
    assert not records.dealt_with(where, MessageId("k1"))
    for _ in range(2):
        records.write([record])
    assert records.dealt_with(where, MessageId("k1"))
    assert not records.dealt_with(replace(where, account="wk2"), MessageId("k1"))
    (row,) = rows(records, schema.kept_messages)
    assert TypeAdapter(InboundMessage).validate_json(row.message) == record.message
    assert (row.customer, row.servicer, row.kind, row.text) == ("wm1", "wang", "text", "您好，我是小王")
    assert (row.sent_at, row.kept_at) == (NOW, NOW + timedelta(seconds=1))


def test_what_came_of_an_event_first_stays(records: SqlRecords) -> None:
    first = event("e1", "welcomed")
    records.write([first])
    records.write([replace(first, outcome="too_late", kept_at=NOW + timedelta(days=1))])
    (row,) = rows(records, schema.events)
    assert (row.customer, row.name, row.outcome, row.happened_at) == ("wm1", "enter_session", "welcomed", NOW)
    assert TypeAdapter(InboundEvent).validate_json(row.detail) == first.event


def test_an_account_that_was_never_pulled_has_no_cursor(records: SqlRecords) -> None:
    records.write([made_record("m1", account="wk2"), made_record("m2", channel=Channel.APP, account="1000002")])
    assert [records.cursor(ACME, account) for account in ("wk1", "WK2", "1000002")] == [None, None, None]


@pytest.mark.parametrize(
    "trace",
    [made_record("m1"), kept("k1"), event("e1"), CursorRecord(ACME, "wk1", "", NOW)],
    ids=lambda each: each.kind,
)
def test_an_account_that_was_pulled_and_has_no_cursor_copy_has_an_empty_one(records: SqlRecords, trace: Entry) -> None:
    records.write([trace])
    assert records.cursor(ACME, "wk1") == ""


def test_the_cursor_never_moves_back(records: SqlRecords) -> None:
    old, new = CursorRecord(ACME, "wk1", "c1", NOW), CursorRecord(ACME, "wk1", "c2", NOW + timedelta(seconds=1))
    records.write([old, new])
    assert records.cursor(ACME, "wk1") == "c2"
    records.write([old])
    assert records.cursor(ACME, "wk1") == "c2"
    records.write([replace(new, cursor="c3")])  # of the same instant: the one that is told later
    assert records.cursor(ACME, "wk1") == "c3"
    assert records.cursor(ACME, "wk2") is None


@pytest.mark.parametrize("place", ["\n1795000000000", "c1\n1795000000000", "c" * 10_000 + "\n1795000000000"])
def test_a_place_is_kept_to_the_letter(records: SqlRecords, place: str) -> None:
    records.write([CursorRecord(ACME, "wk1", place, NOW)])
    assert records.cursor(ACME, "wk1") == place


def test_a_request_is_closed_when_somebody_came_once(records: SqlRecords) -> None:
    came = TicketClosed(ACME, "r1", NOW + timedelta(minutes=1))
    records.write([came, asked("r1"), asked("r2")])
    records.write([asked("r1"), replace(came, closed_at=NOW + timedelta(minutes=2)), TicketClosed(GLOBEX, "r2", NOW)])
    closed = {row.request_id: row.closed_at for row in rows(records, schema.tickets)}
    assert closed == {"r1": came.closed_at, "r2": None}


def test_a_request_that_was_closed_is_not_opened_by_a_repeat(records: SqlRecords) -> None:
    closed_at = NOW + timedelta(hours=1)
    records.write([asked("r1")])
    records.write([asked("r1", closed_at=closed_at)])
    records.write([asked("r1", "请回电，谢谢"), asked("r1", "请回电，谢谢", NOW + timedelta(hours=2))])
    (row,) = rows(records, schema.tickets)
    assert (row.words, row.opened_at, row.closed_at) == ("请回电，谢谢", NOW, closed_at)


def test_one_that_cannot_be_written_does_not_hold_back_the_others(records: SqlRecords) -> None:
    half_an_emoji = "\ud83d"  # has no form in UTF-8
    bad: list[Entry] = [kept("bad", half_an_emoji), asked("bad", half_an_emoji)]
    good: list[Entry] = [made_record("m1"), kept("k1"), CursorRecord(ACME, "wk1", "c1", NOW), asked("r1")]
    records.write([*good[:2], *bad, *good[2:]])
    where = ConversationId(ACME, Channel.KF, "wk1", "wm1")
    assert [records.dealt_with(where, MessageId(each)) for each in ("m1", "k1", "bad")] == [True, True, False]
    assert records.cursor(ACME, "wk1") == "c1"
    assert [row.request_id for row in rows(records, schema.tickets)] == ["r1"]


def test_what_the_database_refuses_does_not_hold_back_the_others(records: SqlRecords) -> None:
    no_name: Any = None  # a NOT NULL column
    records.write([asked("bad", words=no_name), kept("k1")])
    assert rows(records, schema.tickets) == []
    assert len(rows(records, schema.kept_messages)) == 1


def test_with_the_database_away_nothing_is_left_out(records: SqlRecords) -> None:
    with records.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE events RENAME TO events_away"))
    with pytest.raises(TemporaryFailure):
        records.write([kept("k1"), event("e1")])
    assert rows(records, schema.kept_messages) == []


def test_the_last_lines_are_those_of_all_who_spoke_in_order(records: SqlRecords) -> None:
    minute = timedelta(minutes=1)
    silent = replace(made_record("m2", at=NOW + 2 * minute), answered=False)
    records.write(
        [
            kept("k0", "从前的话", servicer="", at=NOW - 99 * minute),
            kept("k1", "我的电话是13812345678", at=NOW + minute),
            made_record("m1"),
            silent,
            kept("k3", "", at=NOW + 3 * minute, kind=MessageKind.IMAGE),
            made_record("m4", customer="wm2"),
            kept("k5", customer="wm2"),
        ]
    )
    where = made_record("m1").turn.conversation
    lines = [
        Line("customer", "从前的话", NOW - 99 * minute),
        Line("customer", "m1 哪里有伞🌂", NOW),
        Line("bot", "一楼有", NOW + timedelta(seconds=1)),
        Line("servicer", "我的电话是138****5678", NOW + minute),
        Line("customer", "m2 哪里有伞🌂", NOW + 2 * minute),
        Line("servicer", "[图片]", NOW + 3 * minute),
    ]
    assert records.recent(where, 10) == lines
    assert records.recent(where, 4) == lines[-4:]
    assert records.recent(where, 0) == []


def test_a_turn_of_several_messages_is_one_line_with_a_word_for_what_has_none(records: SqlRecords) -> None:
    record = made_record("m1", "m2")
    words, picture = record.turn.messages
    picture = replace(picture, kind=MessageKind.IMAGE, text="")
    records.write([replace(record, turn=replace(record.turn, messages=(words, picture)))])
    assert records.recent(record.turn.conversation, 2)[0].text == "m1 哪里有伞🌂\n[图片]"


def test_nothing_is_written_when_there_is_nothing(records: SqlRecords) -> None:
    records.write([])
    assert rows(records, schema.turns) == []


def test_two_writers_of_the_same_batch_do_not_trip_over_each_other(records: SqlRecords) -> None:
    batch: list[Entry] = [made_record(f"m{number}", customer=f"wm{number % 7}") for number in range(150)]
    batch += [kept(f"k{number}", customer=f"wm{number % 7}") for number in range(30)]
    batch += [event(f"e{number}") for number in range(10)] + [asked(f"r{number}") for number in range(10)]
    batch += [CursorRecord(ACME, f"wk{number}", "c", NOW) for number in range(10)]
    failures: list[BaseException] = []

    def write(some: list[Entry]) -> None:
        try:
            for _ in range(3):
                records.write(some)
        except Exception as e:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(e)

    writers = [threading.Thread(target=write, args=(some,)) for some in (batch, batch[::-1], batch[50:])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    counts = [len(rows(records, table)) for table in (schema.turns, schema.kept_messages, schema.events)]
    assert counts == [150, 30, 10]


def test_tenants_do_not_see_each_other(records: SqlRecords) -> None:
    records.write([made_record("m1", corp_id=ACME)])
    of_globex = ConversationId(GLOBEX, Channel.KF, "wk1", "wm1")
    assert not records.dealt_with(of_globex, MessageId("m1"))
    assert records.cursor(GLOBEX, "wk1") is None
    assert records.recent(of_globex, 10) == []
    records.write([made_record("m1", corp_id=GLOBEX)])
    assert records.dealt_with(of_globex, MessageId("m1"))
    assert len(rows(records, schema.turns)) == 2
    records.write([CursorRecord(ACME, "wk1", "c1", NOW), kept("k1", corp_id=ACME), event("e1", corp_id=ACME)])
    assert records.cursor(GLOBEX, "wk1") == ""
    assert not records.dealt_with(of_globex, MessageId("k1"))
    assert [line.text for line in records.recent(of_globex, 10)] == ["m1 哪里有伞🌂", "一楼有"]
