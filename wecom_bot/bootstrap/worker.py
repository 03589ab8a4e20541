"""The worker: everything between a job and its answer."""

import os
import socket

from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.adapters.redis.outbox import RedisOutbox
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.sql.tenants import CachedTenants
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.app import AppSpeaker
from wecom_bot.adapters.wecom.client import Clients
from wecom_bot.adapters.wecom.kf import KfSpeaker
from wecom_bot.adapters.wecom.source import KfSource
from wecom_bot.adapters.wecom.speakers import Speakers
from wecom_bot.bootstrap.mind import pipeline
from wecom_bot.bootstrap.patience import patiently
from wecom_bot.bootstrap.shared import redis_client
from wecom_bot.bootstrap.stores import cached_tenants, records, sql_engine
from wecom_bot.service.answer import Answer
from wecom_bot.service.deliver import Deliver
from wecom_bot.service.hand_off import CallServicer
from wecom_bot.service.pull import Pull
from wecom_bot.service.record import Record
from wecom_bot.service.sweep import Sweep
from wecom_bot.settings import Settings
from wecom_bot.telemetry import faults
from wecom_bot.worker.loop import Deed, Worker
from wecom_bot.worker.pace import Pace, time_limit

_CHORES = 8  # connections for leasing, heartbeat, sweep, record and health


def worker(settings: Settings) -> Worker:
    """The worker of one process."""
    faults.arm(settings.crash_point)
    clock = SystemClock()
    client = redis_client(settings, settings.concurrency + _CHORES)
    engine = patiently(lambda: sql_engine(settings))
    tenants = cached_tenants(settings, engine)
    patiently(tenants.refresh)
    tenants.start()
    queue, outbox = RedisInbox(client, settings.max_waiting), RedisOutbox(client)
    ledger, kept = RedisLedger(client, clock), records(settings, engine)
    clients = _clients(settings, tenants, RedisSharedTokens(client), clock)
    speaker = Speakers(
        kf=KfSpeaker(clients, tenants, settings.known_codes),
        app=AppSpeaker(clients, tenants, clock, settings.handoff_silence),
    )
    deeds: dict[str, Deed] = {
        "pull": Pull(queue, KfSource(clients), kept, settings.first_contact_margin),
        "answer": Answer(
            tenants=tenants,
            speaker=speaker,
            ledger=ledger,
            records=kept,
            pipeline=pipeline(settings, engine, tenants),
            deliver=Deliver(speaker, ledger),
            time_limit=time_limit,
            clock=clock,
            think_deadline=settings.think_deadline,
            session_timeout=settings.session_timeout,
        ),
        "handoff": CallServicer(speaker, ledger),
    }
    pace = Pace(settings.concurrency, settings.lease, settings.max_attempts, settings.shutdown_grace)
    name = f"{socket.gethostname()}-{os.getpid()}"
    sweep = Sweep(tenants, queue, clock, settings.kf_sweep, clock.now())
    return Worker(
        name,
        queue,
        outbox,
        deeds,
        Record(outbox, kept),
        lambda: [each.corp_id for each in tenants.all()],
        pace,
        errands=[(settings.kf_sweep / 4, sweep)],
    )


def _clients(settings: Settings, tenants: CachedTenants, shared: RedisSharedTokens, clock: SystemClock) -> Clients:
    return Clients(
        tenants,
        shared,
        clock,
        base_url=settings.wecom_base_url,
        timeout=settings.wecom_timeout,
        pool=settings.concurrency,
    )
