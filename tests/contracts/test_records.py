"""The contract of ports.Records."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.domain.dialog import Answerer, Attendant, DialogState, Handoff, Intent, Turn
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
from wecom_bot.ports import TurnRecord

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


@pytest.fixture
def records(sql_engine: sa.Engine) -> SqlRecords:
    return SqlRecords(sql_engine)


def rows(records: SqlRecords, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with records.engine.connect() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))


def test_a_written_turn_was_answered(records: SqlRecords) -> None:
    record = made_record("m1")
    where = record.turn.conversation
    assert not records.answered(where, MessageId("m1"))
    records.write([record])
    assert records.answered(where, MessageId("m1"))
    assert not records.answered(where, MessageId("M1"))


def test_every_message_of_a_turn_was_answered(records: SqlRecords) -> None:
    record = made_record("m1", "m2", "m3")
    records.write([record])
    assert all(records.answered(record.turn.conversation, MessageId(each)) for each in ("m1", "m2", "m3"))


def test_a_turn_in_which_the_bot_was_silent_is_closed_too(records: SqlRecords) -> None:
    record = replace(made_record("m1"), answered=False)
    records.write([record])
    assert records.answered(record.turn.conversation, MessageId("m1"))


def test_the_account_of_a_written_turn_is_known(records: SqlRecords) -> None:
    assert not records.knows(ACME, "wk1")
    records.write([made_record("m1")])
    assert records.knows(ACME, "wk1")
    assert not records.knows(ACME, "WK1")
    assert not records.knows(ACME, "wk2")


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
    assert [records.answered(where, MessageId(f"{long}{each}")) for each in "1234"] == [True, True, True, False]


def test_the_same_message_id_in_two_accounts_is_two_messages(records: SqlRecords) -> None:
    records.write([made_record("m1", account="wk1"), made_record("m1", account="wk2")])
    records.write([made_record("m1", channel=Channel.APP, account="1000002")])
    assert len(rows(records, schema.turns)) == 3


def test_nothing_is_written_when_there_is_nothing(records: SqlRecords) -> None:
    records.write([])
    assert rows(records, schema.turns) == []


def test_two_writers_of_the_same_batch_do_not_trip_over_each_other(records: SqlRecords) -> None:
    batch = [made_record(f"m{number}", customer=f"wm{number % 7}") for number in range(200)]
    failures: list[BaseException] = []

    def write(some: list[TurnRecord]) -> None:
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
    assert len(rows(records, schema.turns)) == 200


def test_tenants_do_not_see_each_other(records: SqlRecords) -> None:
    records.write([made_record("m1", corp_id=ACME)])
    of_globex = ConversationId(GLOBEX, Channel.KF, "wk1", "wm1")
    assert not records.answered(of_globex, MessageId("m1"))
    assert not records.knows(GLOBEX, "wk1")
    records.write([made_record("m1", corp_id=GLOBEX)])
    assert records.answered(of_globex, MessageId("m1"))
    assert len(rows(records, schema.turns)) == 2
