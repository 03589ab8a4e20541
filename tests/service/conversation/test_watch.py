"""What is measured now and then, as Prometheus is shown it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.fakes import Seconds, SettableClock
from wecom_bot.adapters.redis.backlogs import RedisBacklogs
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.adapters.sql.tickets import SqlTickets
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.outbound.circuit import Circuit, LocalCircuitBreaker, Trip
from wecom_bot.ports import Backlog, OpenTickets, Tickets
from wecom_bot.service.conversation.watch import WatchCircuits, WatchQueue, WatchTickets
from wecom_bot.telemetry import exposition

NOTHING = Backlog(0, 0, 0, timedelta(0))
HOUR = timedelta(hours=1)


@dataclass
class Numbers:
    """Both ports; `away` is what has to be asked and is not there."""

    backlogs: dict[CorpId, Backlog] = field(default_factory=dict)
    requests: dict[CorpId, OpenTickets] = field(default_factory=dict)
    away: bool = False
    unmeasured: CorpId | None = None

    def measure(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, Backlog]:
        self._ask()
        return {each: self.backlogs.get(each, NOTHING) for each in corp_ids if each != self.unmeasured}

    def still_open(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, OpenTickets]:
        self._ask()
        return {each: self.requests.get(each, OpenTickets(0, None)) for each in corp_ids}

    def _ask(self) -> None:
        if self.away:
            raise TemporaryFailure("as told")


@pytest.fixture
def corp_id() -> CorpId:
    """A tenant that no other test has: a process's metrics are for good."""
    return CorpId(f"ww{uuid4().hex}")


def shown(corp_id: CorpId) -> dict[str, float]:
    """What is shown of a tenant, in whole hours where it is an age."""
    text = exposition.render()[0].decode()
    found = re.findall(rf'^wecom_bot_(\w+){{corp_id="{corp_id}"(?:,what="(\w+)")?}} (\S+)$', text, re.MULTILINE)
    return {
        name + (f" {what}" if what else ""): float(value) // (3600 if name.endswith("_seconds") else 1)
        for name, what, value in found
    }


def test_the_queue_is_measured(corp_id: CorpId) -> None:
    numbers = Numbers({corp_id: Backlog(7, 3, 2, 5 * HOUR)})
    WatchQueue(lambda: [corp_id], numbers, SettableClock())()
    assert shown(corp_id) == {
        "waiting_jobs": 7,
        "outbox_records": 3,
        "dead_letters": 2,
        "queue_age_seconds": 5,
        "measured_age_seconds queue": 0,
    }


def test_an_empty_queue_has_no_age(corp_id: CorpId) -> None:
    watch = WatchQueue(lambda: [corp_id], (numbers := Numbers({corp_id: Backlog(7, 3, 2, 5 * HOUR)})), SettableClock())
    watch()
    del numbers.backlogs[corp_id]
    watch()
    assert set(shown(corp_id).values()) == {0}


def test_what_waits_for_a_person_is_counted(corp_id: CorpId) -> None:
    clock = SettableClock()
    numbers = Numbers(requests={corp_id: OpenTickets(4, clock.now() - 3 * HOUR)})
    watch = WatchTickets(lambda: [corp_id], cast("Tickets", numbers), clock)
    watch()
    assert shown(corp_id) == {"open_requests": 4, "oldest_request_seconds": 3, "measured_age_seconds requests": 0}
    numbers.requests[corp_id] = OpenTickets(0, None)
    watch()
    assert set(shown(corp_id).values()) == {0}


def test_what_cannot_be_measured_any_more_is_not_shown_as_it_was(corp_id: CorpId) -> None:
    # measured an hour ago, by the clock that it is given
    then = SettableClock(datetime.now(UTC) - HOUR)
    numbers = Numbers()
    watches = (
        WatchQueue(lambda: [corp_id], numbers, then),
        WatchTickets(lambda: [corp_id], cast("Tickets", numbers), then),
    )
    for watch in watches:
        watch()
    numbers.away = True
    for watch in watches:
        with pytest.raises(TemporaryFailure):
            watch()
    assert shown(corp_id) == {"measured_age_seconds queue": 1, "measured_age_seconds requests": 1}


def test_one_tenant_that_cannot_be_measured_leaves_the_others_theirs(corp_id: CorpId) -> None:
    other = CorpId(f"{corp_id}2")
    numbers = Numbers(unmeasured=corp_id)
    WatchQueue(lambda: [corp_id, other], numbers, SettableClock())()
    assert shown(corp_id) == {}
    assert shown(other)["waiting_jobs"] == 0


def test_a_tenant_that_is_removed_leaves_no_series_and_may_come_back(corp_id: CorpId) -> None:
    there, numbers, clock = [corp_id], Numbers(), SettableClock()
    watches = (
        WatchQueue(lambda: there, numbers, clock),
        WatchTickets(lambda: there, cast("Tickets", numbers), clock),
    )
    for present in (True, False, True):
        there[:] = [corp_id] * present
        for watch in watches:
            watch()
        assert bool(shown(corp_id)) == present


def test_a_tenant_that_is_removed_while_nothing_can_be_measured_leaves_none_either(corp_id: CorpId) -> None:
    there, numbers = [corp_id], Numbers()
    watch = WatchQueue(lambda: there, numbers, SettableClock())
    watch()
    there.clear()
    numbers.away = True
    with pytest.raises(TemporaryFailure):
        watch()
    assert shown(corp_id) == {}


def test_the_real_stores_are_asked(corp_id: CorpId, redis_client: Client, tmp_path: object) -> None:
    redis_client.set(f"wb:{{{corp_id}}}:waiting", 5)
    engine: sa.Engine = connect(f"sqlite:///{tmp_path}/wecom-bot.sqlite3")
    migrate.upgrade(engine)
    WatchQueue(lambda: [corp_id], RedisBacklogs(redis_client), SettableClock())()
    WatchTickets(lambda: [corp_id], SqlTickets(engine), SettableClock())()
    engine.dispose()
    assert (shown(corp_id)["waiting_jobs"], shown(corp_id)["open_requests"]) == (5, 0)


def test_circuits_are_counted_by_state_until_they_are_closed_again() -> None:
    clock, neighbour = Seconds(), uuid4().hex
    breaker = LocalCircuitBreaker(clock)
    watch = WatchCircuits(breaker)
    circuits = [Circuit(neighbour, "chat", bot) for bot in ("1", "2")]
    line = re.compile(rf'^wecom_bot_circuits{{neighbour="{neighbour}",part="chat",state="(\w+)"}} (\S+)$', re.MULTILINE)

    def counted() -> dict[str, float]:
        watch()
        return {state: float(value) for state, value in line.findall(exposition.render()[0].decode())}

    assert counted() == {}
    for each in circuits:
        breaker.failed(each, Trip(1, HOUR, HOUR))
    assert counted() == {"open": 2}
    clock.now += HOUR.total_seconds()
    breaker.succeeded(circuits[0])
    assert counted() == {"open": 0, "half_open": 1}
