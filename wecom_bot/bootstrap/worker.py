"""The worker: everything between a job and its answer."""

import os
import socket
from datetime import timedelta
from functools import partial

from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.redis.outbox import RedisOutbox
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.sql.contacts import SqlContacts
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.tenants import CachedTenants
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.app import AppSpeaker
from wecom_bot.adapters.wecom.client import Clients
from wecom_bot.adapters.wecom.contacts import WecomNames
from wecom_bot.adapters.wecom.duty import WecomDuty
from wecom_bot.adapters.wecom.kf import KfSpeaker
from wecom_bot.adapters.wecom.media import Pictures
from wecom_bot.adapters.wecom.source import KfSource
from wecom_bot.adapters.wecom.speakers import Speakers
from wecom_bot.bootstrap.mind import pipeline
from wecom_bot.bootstrap.patience import patiently
from wecom_bot.bootstrap.shared import redis_client
from wecom_bot.bootstrap.stores import cached_tenants, sql_engine
from wecom_bot.dialog.handing_off import hand_off
from wecom_bot.domain.message import CorpId
from wecom_bot.service.answer import Answer
from wecom_bot.service.by_name import ByName
from wecom_bot.service.contacts import CachedContacts
from wecom_bot.service.dealt_with import DealtWith
from wecom_bot.service.deliver import Deliver
from wecom_bot.service.hand_off import CallServicer, HandOver
from wecom_bot.service.keep import Keep
from wecom_bot.service.lateness import Lateness
from wecom_bot.service.meet import Meet
from wecom_bot.service.merge import Merge
from wecom_bot.service.observe import Observe
from wecom_bot.service.pull import Pull
from wecom_bot.service.record import Record
from wecom_bot.service.send_again import RepeatPart
from wecom_bot.service.sweep import Sweep
from wecom_bot.service.think import Think
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
    ledger, kept = RedisLedger(client, clock), SqlRecords(engine)
    allowance = RedisAllowance(client)
    clients = _clients(settings, tenants, RedisSharedTokens(client), allowance, clock)
    pictures = Pictures(settings.data / "media", RedisMediaIds(client))
    names = CachedContacts(SqlContacts(engine), WecomNames(clients).fetch, tenants, clock, time_limit)
    speakers = Speakers(
        kf=KfSpeaker(clients, tenants, settings.known_codes, pictures),
        app=AppSpeaker(clients, tenants, clock, settings.handoff_silence, allowance, pictures),
    )
    duty = WecomDuty(clients, tenants, clock)
    speaker = ByName(speakers, names)  # whatever is said, and whoever says it

    def download(corp_id: CorpId, app: str, media_id: str) -> bytes:
        return clients.of(corp_id, app).media.download(media_id)

    hand_over = HandOver(speaker, ledger, kept, tenants, clock)
    deliver = Deliver(speaker, ledger, hand_over)
    think = Think(pipeline(settings, engine, tenants, duty, download, names), time_limit, settings.think_deadline)
    lateness = Lateness(settings.late_after, partial(hand_off, duty=duty), clock)
    dealt_with = DealtWith(kept, clock)
    deeds: dict[str, Deed] = {
        "pull": Pull(queue, KfSource(clients), ledger, kept, settings.first_contact_margin),
        "answer": Answer(
            tenants=tenants,
            inbox=queue,
            speaker=speaker,
            ledger=ledger,
            dealt_with=dealt_with,
            merge=Merge(queue, ledger, think, lateness, dealt_with, clock),
            deliver=deliver,
            clock=clock,
            session_timeout=settings.session_timeout,
        ),
        "keep": Keep(ledger, clock),
        "event": Observe(tenants, queue, speaker, ledger, names, clock),
        "send_again": RepeatPart(queue, ledger, deliver),
        "handoff": CallServicer(hand_over),
    }
    deeds |= {kind: Meet(names, deeds[kind]) for kind in ("answer", "keep")}
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
        errands=[(settings.kf_sweep / 4, sweep), (timedelta(seconds=1), names.learn)],
    )


def _clients(
    settings: Settings,
    tenants: CachedTenants,
    tokens: RedisSharedTokens,
    allowance: RedisAllowance,
    clock: SystemClock,
) -> Clients:
    return Clients(
        tenants,
        tokens,
        allowance,
        clock,
        base_url=settings.wecom_base_url,
        timeout=settings.wecom_timeout,
        pool=settings.concurrency,
    )
