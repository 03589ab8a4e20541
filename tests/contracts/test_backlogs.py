"""The contract of ports.Backlogs, on every server that it can talk to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from tests.deadlines import wait_until
from tests.fixtures.full_redis import full
from tests.fixtures.redis_servers import TIMEOUT
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis.backlogs import RedisBacklogs
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.domain.event import Entered, InboundEvent
from wecom_bot.domain.job import AnswerMessage, Lease, ObserveEvent
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Backlog

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime.now(UTC)
HOUR, AT_ONCE, NONE = timedelta(hours=1), timedelta(0), timedelta(0)


def message(number: int, customer: str = "wm1", corp_id: CorpId = ACME) -> AnswerMessage:
    where = ConversationId(corp_id, Channel.KF, "wk1", customer)
    return AnswerMessage(
        InboundMessage(MessageId(f"m{number}"), where, "shop", MessageKind.TEXT, NOW, "在吗"), f"trace-{number}"
    )


@pytest.fixture
def inbox(redis_client: Client) -> WholeInbox:
    return WholeInbox(redis_client, most_waiting=10_000)


@pytest.fixture
def backlogs(redis_client: Client) -> RedisBacklogs:
    return RedisBacklogs(redis_client)


def lease(inbox: WholeInbox, length: timedelta = HOUR) -> Lease:
    got = inbox.lease("tester", length, AT_ONCE)
    assert got is not None
    return got


def an_hour_passes(client: Any, corp_id: CorpId = ACME) -> None:
    """For the jobs that are due or will be: as if each had been put, put off or leased an hour earlier."""
    for name in ("ready", "urgent", "leased"):
        key = f"wb:{{{corp_id}}}:{name}"
        for mailbox in client.zrange(key, 0, -1):
            client.zincrby(key, -HOUR.total_seconds() * 1000, mailbox)


def age(backlogs: RedisBacklogs, corp_id: CorpId = ACME) -> timedelta:
    """The queue's age, in whole hours: how long the test itself takes is no matter."""
    return backlogs.measure([corp_id])[corp_id].queue_age // HOUR * HOUR


def test_nothing_waits_for_who_was_never_heard_of(backlogs: RedisBacklogs) -> None:
    assert backlogs.measure([ACME]) == {ACME: Backlog(0, 0, 0, NONE)}
    assert backlogs.measure([]) == {}


def test_jobs_records_and_dead_letters_are_counted(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client
) -> None:
    inbox.put(ACME, [message(number, f"wm{number}") for number in range(5)])
    for _ in range(2):
        inbox.bury(lease(inbox), "as told")
    lease(inbox)
    redis_client.rpush("wb:{ww_acme}:outbox", "a", "b", "c", "d")
    measured = backlogs.measure([ACME])[ACME]
    assert (measured.jobs, measured.records, measured.dead_letters) == (3, 4, 2)
    assert measured.jobs == inbox.waiting(ACME)


def test_the_age_is_that_of_the_oldest_job_that_is_due(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client
) -> None:
    inbox.put(ACME, [message(1)])
    an_hour_passes(redis_client)
    inbox.put(ACME, [message(2, "wm2")])
    an_hour_passes(redis_client)
    assert age(backlogs) == 2 * HOUR
    inbox.done(lease(inbox))
    assert age(backlogs) == HOUR
    inbox.done(lease(inbox))
    assert backlogs.measure([ACME])[ACME].queue_age == NONE


def test_it_goes_on_by_the_servers_clock(inbox: WholeInbox, backlogs: RedisBacklogs) -> None:
    inbox.put(ACME, [message(1)])
    first = backlogs.measure([ACME])[ACME].queue_age
    wait_until(lambda: backlogs.measure([ACME])[ACME].queue_age > first)


def test_a_welcome_that_waits_counts_too(inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client) -> None:
    where = ConversationId(ACME, Channel.KF, "wk1", "wm9")
    event = InboundEvent(MessageId("e1"), where, "shop", "enter_session", NOW, Entered("code"))
    inbox.put(ACME, [ObserveEvent(event, "trace-event", NOW + timedelta(seconds=20))])
    an_hour_passes(redis_client)
    assert age(backlogs) == HOUR


def test_a_leased_job_does_not_count_until_its_lease_ran_out(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client
) -> None:
    inbox.put(ACME, [message(1)])
    an_hour_passes(redis_client)
    lease(inbox, 2 * HOUR)
    assert backlogs.measure([ACME])[ACME] == Backlog(1, 0, 0, NONE)
    for expected in (NONE, NONE, HOUR):
        an_hour_passes(redis_client)
        assert age(backlogs) == expected


def test_what_is_behind_a_leased_job_is_not_due(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client
) -> None:
    inbox.put(ACME, [message(1), message(2)])
    an_hour_passes(redis_client)
    first = lease(inbox, 9 * HOUR)
    an_hour_passes(redis_client)
    assert age(backlogs) == NONE
    inbox.done(first)
    an_hour_passes(redis_client)
    assert age(backlogs) == HOUR


@pytest.mark.parametrize("how", ["retry", "pause", "park"])
def test_a_job_that_was_put_off_counts_from_when_it_is_due(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client, how: str
) -> None:
    inbox.put(ACME, [message(1)])
    an_hour_passes(redis_client)
    if how == "park":
        inbox.park(lease(inbox), 3 * HOUR)
    else:
        inbox.retry(lease(inbox), 3 * HOUR, counts=how == "retry")
    for expected in (NONE, NONE, NONE, HOUR):
        an_hour_passes(redis_client)
        assert age(backlogs) == expected


def test_what_was_parked_counts_from_when_the_customer_writes_again(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client
) -> None:
    inbox.put(ACME, [message(1)])
    inbox.park(lease(inbox), 9 * HOUR)
    an_hour_passes(redis_client)
    assert age(backlogs) == NONE
    inbox.put(ACME, [message(2)])
    an_hour_passes(redis_client)
    assert age(backlogs) == HOUR


def test_many_tenants_are_measured_and_looked_at_in_few_trips(
    inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client, redis_url: str
) -> None:
    many = [CorpId(f"ww{number}") for number in range(450)]
    redis_client.set("wb:{ww449}:waiting", 7)
    watching: Any = connect(redis_url, timeout=TIMEOUT, most=2)
    watched = watching if isinstance(watching, redis.Redis) else watching.get_primaries()[0].redis_connection

    def trips(act: Callable[[], object]) -> int:
        before = int(watched.info("stats")["total_reads_processed"])
        act()
        return int(watched.info("stats")["total_reads_processed"]) - before

    # what is sent at once is read in some tens of portions; one trip for each would be 450
    assert trips(lambda: backlogs.measure(many)) < 200
    assert trips(lambda: inbox.wake(many)) < 200
    watching.close()
    measured = backlogs.measure(many)
    assert (list(measured), measured[many[-1]].jobs) == (many, 7)


def test_a_full_server_is_measured(inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client) -> None:
    inbox.put(ACME, [message(1)])
    with full(redis_client):
        assert backlogs.measure([ACME])[ACME].jobs == 1


def test_who_cannot_be_measured_is_left_out(inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client) -> None:
    inbox.put(ACME, [message(1)])
    redis_client.set("wb:{ww_globex}:outbox", "no list")
    assert set(backlogs.measure([GLOBEX, ACME])) == {ACME}
    with pytest.raises(TemporaryFailure):
        backlogs.measure([GLOBEX])


def test_measuring_changes_nothing(inbox: WholeInbox, backlogs: RedisBacklogs) -> None:
    inbox.put(ACME, [message(1)])
    lease(inbox, timedelta(milliseconds=1))
    before = backlogs.measure([ACME])[ACME]
    wait_until(lambda: backlogs.measure([ACME])[ACME].queue_age > before.queue_age)
    assert lease(inbox).attempt == 2


def test_tenants_do_not_see_each_other(inbox: WholeInbox, backlogs: RedisBacklogs, redis_client: Client) -> None:
    inbox.put(ACME, [message(1)])
    inbox.bury(lease(inbox), "as told")
    inbox.put(ACME, [message(2)])
    an_hour_passes(redis_client)
    measured = backlogs.measure([ACME, GLOBEX])
    assert measured[GLOBEX] == Backlog(0, 0, 0, NONE)
    assert (measured[ACME].jobs, measured[ACME].dead_letters) == (1, 1)
