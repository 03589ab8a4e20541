"""The worker: everything between a job and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil

import sqlalchemy as sa

from wecom_bot.adapters.business.queries import SqlBusinessQueries
from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.backlogs import RedisBacklogs
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.leases import RedisLeases
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.redis.outbox import RedisOutbox
from wecom_bot.adapters.redis.pools import usage as redis_usage
from wecom_bot.adapters.redis.tries import RedisTries
from wecom_bot.adapters.sql.contacts import SqlContacts
from wecom_bot.adapters.sql.copying import unknown_until
from wecom_bot.adapters.sql.engine import ping as ping_sql
from wecom_bot.adapters.sql.gate import usage as sql_usage
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.tenants import CachedTenants
from wecom_bot.adapters.sql.tickets import SqlTickets
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.adapters.wecom.api.contacts import WecomNames
from wecom_bot.adapters.wecom.api.duty import WecomDuty
from wecom_bot.adapters.wecom.inbound.source import KfSource
from wecom_bot.adapters.wecom.speaking.app import AppSpeaker
from wecom_bot.adapters.wecom.speaking.kf import KfSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.adapters.wecom.speaking.speakers import Speakers
from wecom_bot.bootstrap import wecom
from wecom_bot.bootstrap.business import watched_queries
from wecom_bot.bootstrap.hot import hot_answers
from wecom_bot.bootstrap.mind import pipeline
from wecom_bot.bootstrap.neighbours import Neighbours
from wecom_bot.bootstrap.patience import patiently
from wecom_bot.bootstrap.search import mode
from wecom_bot.bootstrap.shared import redis_client
from wecom_bot.bootstrap.stores import cached_tenants, sql_engine
from wecom_bot.dialog.handing_off import hand_off
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Backlogs, HotAnswers
from wecom_bot.service.conversation import watch
from wecom_bot.service.conversation.answer import Answer
from wecom_bot.service.conversation.by_name import ByName
from wecom_bot.service.conversation.contacts import CachedContacts
from wecom_bot.service.conversation.dealt_with import DealtWith
from wecom_bot.service.conversation.deliver import Deliver
from wecom_bot.service.conversation.hand_off import CallServicer, HandOver
from wecom_bot.service.conversation.keep import Keep
from wecom_bot.service.conversation.lateness import Lateness
from wecom_bot.service.conversation.meet import Meet
from wecom_bot.service.conversation.merge import Merge
from wecom_bot.service.conversation.observe import Observe
from wecom_bot.service.conversation.pull import Pull
from wecom_bot.service.conversation.record import Record
from wecom_bot.service.conversation.send_again import RepeatPart
from wecom_bot.service.conversation.sweep import Sweep
from wecom_bot.service.conversation.think import Think
from wecom_bot.service.conversation.unknown_time import UnknownTime
from wecom_bot.settings import Settings
from wecom_bot.telemetry import faults, metrics
from wecom_bot.worker.black_box import BlackBox
from wecom_bot.worker.loop import Verb, Worker
from wecom_bot.worker.pace import Pace, time_limit
from wecom_bot.worker.takeover import TakeOver

_FEWEST_IN_SQL, _SHARE_IN_SQL = 5, 8  # connections, and conversations that share one
_CHORES = 8  # connections for leasing, heartbeat, sweep, watch, record and health


def worker(settings: Settings) -> Worker:
    """The worker of one process."""
    faults.arm(settings.crash_point)
    client = redis_client(settings, settings.concurrency + _CHORES)
    neighbours = Neighbours(time_limit)
    engine = patiently(lambda: sql_engine(settings, sql_connections(settings.concurrency), neighbours.breaker))
    tenants = cached_tenants(settings, engine)
    patiently(tenants.refresh)
    tenants.start()
    bench = _bench(settings, client, engine, tenants, neighbours)
    for each in SearchMode:
        metrics.SEARCH_MODE.labels(each.value).set(each is mode(settings))
    boxes = settings.data / "workers"
    box = BlackBox(boxes, settings.stall)
    return Worker(
        box.life,
        bench.leases,
        bench.verbs(),
        Record(RedisOutbox(client), bench.kept),
        bench.corp_ids,
        Pace(settings.concurrency, settings.lease, settings.max_attempts, settings.shutdown_grace),
        errands=bench.errands(RedisBacklogs(client)),
        box=box,
        take_over=TakeOver(boxes, bench.leases, bench.corp_ids),
        condition=neighbours.condition,
    )


@dataclass(frozen=True, slots=True)
class _Bench:
    """What lies ready for the verbs, most of it for several."""

    settings: Settings
    clock: SystemClock
    engine: sa.Engine
    tenants: CachedTenants
    inbox: RedisInbox
    leases: RedisLeases
    ledger: RedisLedger
    kept: SqlRecords
    clients: Clients
    duty: WecomDuty
    names: CachedContacts
    neighbours: Neighbours
    queries: SqlBusinessQueries
    tries: RedisTries
    answers: HotAnswers
    speaker: ByName  # whatever is said, and whoever says it

    def corp_ids(self) -> list[CorpId]:
        """Who there is."""
        return [each.corp_id for each in self.tenants.all()]

    def errands(self, backlogs: Backlogs) -> list[tuple[timedelta, Callable[[], None]]]:
        """What is done now and then, and how often."""
        now = self.clock.now()
        sweep = Sweep(self.tenants, self.inbox, self.inbox, self.kept, self.clock, self.settings.kf_sweep, now)
        metrics.SWEEP_AGE.set(now.timestamp())  # a first look that hangs must show
        return [
            (self.settings.kf_sweep / 4, sweep),
            (timedelta(seconds=1), self.names.learn),
            *self.neighbours.errands(),
            (watch.EVERY, watch.WatchQueue(self.corp_ids, backlogs, self.clock)),
            (watch.SELDOM, watch.WatchTickets(self.corp_ids, SqlTickets(self.engine), self.clock)),
            *self._indexing(),
        ]

    def _indexing(self) -> list[tuple[timedelta, Callable[[], None]]]:
        """Where there is an engine apart to keep up to date; the search that comes along follows by itself."""
        if not self.settings.search_url:
            return []
        from wecom_bot.bootstrap import indexes  # noqa: PLC0415 - the client of the engine takes memory
        from wecom_bot.service.knowledge import index_changes  # noqa: PLC0415 - as above

        return [
            (index_changes.EVERY, indexes.index_changes(self.settings, self.engine, self.neighbours.breaker)),
            (watch.SELDOM, indexes.watch_indexes(self.engine)),
        ]

    def verbs(self) -> dict[str, Verb]:
        """What is done with a job, by its kind."""
        hand_over = HandOver(self.speaker, self.ledger, self.kept, self.tenants, self.clock)
        deliver = Deliver(self.speaker, self.ledger, hand_over, self.clock)
        margin = self.settings.first_contact_margin
        verbs: dict[str, Verb] = {
            "pull": Pull(self.leases, self.inbox, KfSource(self.clients), self.ledger, self.kept, margin),
            "answer": self._answer(deliver),
            "keep": Keep(self.ledger, self.clock),
            "event": Observe(self.tenants, self.inbox, self.speaker, self.ledger, self.names, self.clock),
            "send_again": RepeatPart(self.leases, self.ledger, deliver),
            "handoff": CallServicer(hand_over),
        }
        return verbs | {kind: Meet(self.names, verbs[kind]) for kind in ("answer", "keep")}

    def _answer(self, deliver: Deliver) -> Answer:
        lateness = Lateness(self.settings.late_after, partial(hand_off, duty=self.duty), self.clock)
        dealt_with = DealtWith(self.kept, self.clock)
        return Answer(
            tenants=self.tenants,
            inbox=self.leases,
            speaker=self.speaker,
            ledger=self.ledger,
            dealt_with=dealt_with,
            merge=Merge(self.leases, self.ledger, self._think(), lateness, dealt_with, self.clock),
            deliver=deliver,
            clock=self.clock,
            session_timeout=self.settings.session_timeout,
            unknown_time=UnknownTime(patiently(lambda: unknown_until(self.engine))),
        )

    def _think(self) -> Think:
        mind = pipeline(
            self.settings,
            self.engine,
            self.tenants,
            self.duty,
            self._download,
            self.names,
            self.neighbours,
            self.queries,
            self.tries,
            self.answers,
        )
        return Think(mind, time_limit, self.settings.think_deadline)

    def _download(self, corp_id: CorpId, app: str, media_id: str) -> bytes:
        return self.clients.of(corp_id, app).wechatpy.media.download(media_id)


def sql_connections(concurrency: int) -> int:
    """How many a worker has: a look-up takes some milliseconds of a turn, and most turns need none."""
    return max(_FEWEST_IN_SQL, ceil(concurrency / _SHARE_IN_SQL))


def _bench(
    settings: Settings, client: Client, engine: sa.Engine, tenants: CachedTenants, neighbours: Neighbours
) -> _Bench:
    clock = SystemClock()
    clients = wecom.clients(settings, tenants, client, clock, settings.concurrency)
    pictures = Pictures(settings.data / "media", RedisMediaIds(client))
    names = CachedContacts(SqlContacts(engine), WecomNames(clients).fetch, tenants, clock, time_limit)
    speakers = Speakers(
        kf=KfSpeaker(clients, tenants, settings.known_codes, pictures),
        app=AppSpeaker(clients, tenants, clock, settings.handoff_silence, RedisAllowance(client), pictures),
    )
    leases = RedisLeases(client, settings.max_waiting)
    neighbours.add("WeCom", clients.usage)
    neighbours.add("Redis", partial(redis_usage, client))
    neighbours.add("SQL", partial(sql_usage, engine))
    neighbours.stands_on("redis", leases.ping)
    neighbours.stands_on("sql", partial(ping_sql, engine))
    return _Bench(
        settings=settings,
        clock=clock,
        engine=engine,
        tenants=tenants,
        inbox=RedisInbox(client, settings.max_waiting),
        leases=leases,
        ledger=RedisLedger(client),
        kept=SqlRecords(engine),
        clients=clients,
        duty=WecomDuty(clients, tenants, clock),
        names=names,
        neighbours=neighbours,
        queries=watched_queries(settings, tenants, neighbours),
        tries=RedisTries(client),
        answers=hot_answers(settings, client, neighbours.breaker),
        speaker=ByName(speakers, names),
    )
