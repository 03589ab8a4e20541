"""What a backup takes from Redis: records on their way, and work that somebody waits for; on every kind of server."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.test_records import made_record
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.keepsake import RedisKeepsake, entry, job
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.domain.job import AnswerMessage, HandOff, Job, PullMessages
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.ports import MessageRecord

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime(2026, 2, 3, tzinfo=UTC)
MANY = 1203  # more than two pages


@pytest.fixture
def inbox(redis_client: Client) -> WholeInbox:
    return WholeInbox(redis_client, 10_000)


@pytest.fixture
def keepsake(redis_client: Client) -> RedisKeepsake:
    return RedisKeepsake(redis_client)


def asked(message_id: str, customer: str = "wm1", corp_id: CorpId = ACME) -> AnswerMessage:
    where = ConversationId(corp_id, Channel.APP, "1000002", customer)
    return AnswerMessage(InboundMessage(MessageId(message_id), where, "shop", MessageKind.TEXT, NOW, "在吗"), "t")


def owed(keepsake: RedisKeepsake, corp_id: CorpId = ACME) -> list[Job | None]:
    return [job(each) for each in keepsake.owed(corp_id)]


def test_what_waits_is_found_wherever_it_waits(inbox: WholeInbox, keepsake: RedisKeepsake) -> None:
    leased, parked = asked("leased", "wm1"), asked("parked", "wm2")
    inbox.put(ACME, [leased])
    assert inbox.lease("tester", timedelta(minutes=1), timedelta(seconds=1)) is not None
    inbox.put(ACME, [parked])
    lease = inbox.lease("tester", timedelta(minutes=1), timedelta(seconds=1))
    assert lease is not None
    inbox.park(lease, timedelta(hours=1))
    behind, waits = asked("behind", "wm1"), asked("waits", "wm3")
    handoff = HandOff(behind.message.conversation, "given_up", "t", "在吗")
    pull = PullMessages(ACME, "shop", "wk1", "", NOW, "t")
    inbox.put(ACME, [behind, waits, handoff, pull])
    found = owed(keepsake)
    assert {each for each in found if isinstance(each, AnswerMessage)} == {leased, parked, behind, waits}
    assert [each for each in found if not isinstance(each, AnswerMessage)] == [handoff]


def test_a_handoff_of_an_earlier_version_is_read_without_its_app() -> None:
    where = {"corp_id": ACME, "channel": "app", "account": "1000002", "customer": "wm1"}
    stored = {"kind": "handoff", "conversation": where, "app": "shop", "reason": "given_up", "trace_id": "t"}
    assert job(json.dumps(stored).encode()) == HandOff(asked("m").message.conversation, "given_up", "t")


def test_more_than_a_page_comes_in_order_and_once(inbox: WholeInbox, keepsake: RedisKeepsake) -> None:
    inbox.put(ACME, [asked(f"m{number}") for number in range(MANY)])
    assert owed(keepsake) == [asked(f"m{number}") for number in range(MANY)]


def test_what_is_done_waits_no_more(inbox: WholeInbox, keepsake: RedisKeepsake) -> None:
    inbox.put(ACME, [asked("m1")])
    lease = inbox.lease("tester", timedelta(minutes=1), timedelta(seconds=1))
    assert lease is not None
    inbox.done(lease)
    assert owed(keepsake) == []


def test_records_on_their_way_stay_on_it(inbox: WholeInbox, keepsake: RedisKeepsake, redis_client: Client) -> None:
    inbox.put(ACME, [asked("m1")])
    lease = inbox.lease("tester", timedelta(minutes=1), timedelta(seconds=1))
    assert lease is not None
    record = MessageRecord(made_record("m1").turn.messages[0], NOW)
    RedisLedger(redis_client).note(lease, record)
    assert [entry(each) for each in keepsake.entries(ACME)] == [record]
    assert [entry(each) for each in keepsake.entries(ACME)] == [record]


def test_tenants_do_not_see_each_other(inbox: WholeInbox, keepsake: RedisKeepsake) -> None:
    inbox.put(GLOBEX, [asked("m1", corp_id=GLOBEX)])
    assert owed(keepsake) == []
    assert len(owed(keepsake, GLOBEX)) == 1


def test_it_knows_whether_nothing_is_there(inbox: WholeInbox, keepsake: RedisKeepsake) -> None:
    assert keepsake.is_empty()
    inbox.put(ACME, [asked("m1")])
    assert not keepsake.is_empty()


def test_what_another_version_wrote_is_none_of_ours() -> None:
    assert job(b'{"kind": "sing"}') is None
    assert entry(b"not json") is None
