"""Looking at kf accounts unasked: once in a while, whoever does it."""

from datetime import UTC, datetime, timedelta
from typing import Never

import pytest
from prometheus_client import REGISTRY

from tests.fakes import ACME, KF, FixedTenants, MemoryRecords, SettableClock, tenant
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.domain.job import PullMessages
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.service.conversation.sweep import Sweep
from wecom_bot.telemetry import metrics

MINUTE = timedelta(minutes=1)
OFF, APP_ONLY = CorpId("ww_off"), CorpId("ww_app")


def sweep(
    inbox: WholeInbox,
    tenants: FixedTenants,
    clock: SettableClock | None = None,
    records: MemoryRecords | None = None,
) -> Sweep:
    """That of a process that starts now."""
    clock = clock or SettableClock()
    return Sweep(tenants, inbox, inbox, records or MemoryRecords(), clock, MINUTE, clock.now())


def pulled(redis_client: Client, *accounts: str) -> None:
    for account in accounts:
        redis_client.hset(f"wb:{{{ACME}}}:cursor", account, "c1")


def test_every_account_of_active_tenants_is_pulled_once_however_many_look(redis_client: Client) -> None:
    tenants = FixedTenants.of(tenant(), tenant(OFF, active=False), tenant(APP_ONLY, kf_accounts=[]))
    inbox, clock = WholeInbox(redis_client, most_waiting=100), SettableClock()
    looking = [sweep(inbox, tenants, clock) for _ in range(3)]
    clock.forward(minutes=1)
    for _ in range(2):
        for look in looking:
            look()
    assert [inbox.waiting(corp_id) for corp_id in (ACME, OFF, APP_ONLY)] == [2, 0, 0]
    lease = inbox.lease("tester", MINUTE, timedelta(0))
    assert lease is not None
    job = lease.jobs[0]
    assert isinstance(job, PullMessages)
    assert (job.open_kfid, job.app, job.token, job.notified_at) == (KF, "shop", "", clock.now())


def test_a_process_that_starts_looks_although_another_has_just_looked(redis_client: Client) -> None:
    inbox, tenants = WholeInbox(redis_client, most_waiting=100), FixedTenants.of(tenant())
    pulled(redis_client, KF)
    before = sweep(inbox, tenants)
    before()
    before()
    redis_client.delete(f"wb:{{{ACME}}}:swept:start")  # as after some seconds
    assert inbox.waiting(ACME) == 2
    sweep(inbox, tenants)()
    assert inbox.waiting(ACME) == 3


def test_after_a_loss_of_redis_the_record_knows_what_was_pulled(redis_client: Client) -> None:
    inbox, tenants = WholeInbox(redis_client, most_waiting=100), FixedTenants.of(tenant())
    sweep(inbox, tenants, records=MemoryRecords(cursors={(ACME, KF): ""}))()
    assert inbox.waiting(ACME) == 1


def test_a_record_that_is_away_holds_no_start_back(redis_client: Client) -> None:
    class Away(MemoryRecords):
        def cursor(self, corp_id: CorpId, account: str) -> str | None:
            raise TemporaryFailure(f"SQL is away: {corp_id}, {account}")

    inbox, tenants, clock = WholeInbox(redis_client, most_waiting=100), FixedTenants.of(tenant()), SettableClock()
    look = sweep(inbox, tenants, clock, Away())
    look()
    assert inbox.waiting(ACME) == 0
    clock.forward(minutes=1)
    look()
    assert inbox.waiting(ACME) == 1


def test_processes_that_start_together_look_once(redis_client: Client) -> None:
    inbox, tenants = WholeInbox(redis_client, most_waiting=100), FixedTenants.of(tenant())
    pulled(redis_client, KF)
    for _ in range(3):
        sweep(inbox, tenants)()
    assert inbox.waiting(ACME) == 1


def test_after_a_while_it_is_time_again(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=100)
    assert inbox.turn_to_sweep(ACME, timedelta(milliseconds=30))
    while not inbox.turn_to_sweep(ACME, timedelta(milliseconds=30)):
        pass


def test_a_full_inbox_is_left_alone(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=0)
    pulled(redis_client, KF)
    sweep(inbox, FixedTenants.of(tenant()))()
    assert inbox.waiting(ACME) == 0


def test_at_the_start_only_accounts_that_were_pulled_before_are_looked_at(redis_client: Client) -> None:
    accounts = [{"open_kfid": KF, "app": "shop"}, {"open_kfid": "wk_new", "app": "shop"}]
    tenants, clock = FixedTenants.of(tenant(kf_accounts=accounts)), SettableClock()
    inbox = WholeInbox(redis_client, most_waiting=100)
    pulled(redis_client, KF)
    look = sweep(inbox, tenants, clock)
    look()
    assert inbox.waiting(ACME) == 1
    clock.forward(minutes=1)
    look()
    assert inbox.waiting(ACME) == 3


class AwayInbox(WholeInbox):
    """An inbox whose server has gone."""

    def turn_to_sweep(self, corp_id: CorpId, every: timedelta, occasion: str = "sweep") -> Never:
        _ = corp_id, every, occasion
        raise TemporaryFailure("as told")


def test_when_it_last_went_through_is_noted_and_a_sweep_that_failed_is_none(redis_client: Client) -> None:
    clock, tenants = SettableClock(datetime(2026, 1, 1, tzinfo=UTC)), FixedTenants.of(tenant())
    metrics.SWEEP_AGE.set(0)
    look = sweep(WholeInbox(redis_client, most_waiting=100), tenants, clock)
    look()
    went_through = clock.now().timestamp()
    assert REGISTRY.get_sample_value("wecom_bot_sweep_age_seconds") == went_through
    clock.forward(minutes=1)
    with pytest.raises(TemporaryFailure):
        sweep(AwayInbox(redis_client, most_waiting=100), tenants, clock)()
    assert REGISTRY.get_sample_value("wecom_bot_sweep_age_seconds") == went_through
    look()  # not its turn, perhaps: it looked all the same
    assert REGISTRY.get_sample_value("wecom_bot_sweep_age_seconds") == clock.now().timestamp()
