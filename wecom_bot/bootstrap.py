"""The composition root: which adapter goes in which socket. Nothing is built before it is asked for."""

import os
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from wecom_bot.adapters.files import articles as article_files
from wecom_bot.adapters.files import jsonl
from wecom_bot.adapters.files import tenants as tenant_files
from wecom_bot.adapters.files.text import Progress
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.connection import check as redis_check
from wecom_bot.adapters.redis.connection import connect as redis_connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.adapters.redis.outbox import RedisOutbox
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.adapters.sql import migrate as sql_migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import connect, embedded
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.secrets import Cipher, master_key
from wecom_bot.adapters.sql.tenants import CachedTenants, SqlTenants
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.app import AppSpeaker
from wecom_bot.adapters.wecom.callback import WecomGate
from wecom_bot.adapters.wecom.client import Clients
from wecom_bot.adapters.wecom.kf import KfSpeaker
from wecom_bot.adapters.wecom.source import KfSource
from wecom_bot.adapters.wecom.speakers import Speakers
from wecom_bot.dialog.pipeline import standard
from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.domain.knowledge import Article
from wecom_bot.errors import ConfigurationError, TemporaryFailure
from wecom_bot.service.answer import Answer
from wecom_bot.service.deliver import Deliver
from wecom_bot.service.hand_off import CallServicer
from wecom_bot.service.pull import Pull
from wecom_bot.service.receive import Receive, Verify
from wecom_bot.service.record import Record
from wecom_bot.settings import Settings
from wecom_bot.telemetry import exposition, faults
from wecom_bot.web.app import WebServices, create_app
from wecom_bot.worker.loop import Deed, Pace, Worker, time_limit

_REDIS_TIMEOUT = timedelta(seconds=5)
_GATEWAY_CONNECTIONS = 64  # callbacks that one gateway process stores at the same time; more wait their turn
_WORKER_CHORES = 8  # leasing, heartbeat, sweep, record, health


def sql_engine(settings: Settings, pool_size: int = 5) -> sa.Engine:
    """The database, with the schema that we need. Raises ConfigurationError, TemporaryFailure.

    An SQLite file that holds nothing yet is ours to fill; every other schema is an operator's decision.
    """
    engine = _unchecked_engine(settings, pool_size)
    if engine.dialect.name == "sqlite" and sql_migrate.absent(engine):
        sql_migrate.upgrade(engine)
    sql_migrate.check(engine)
    return engine


def migrate(settings: Settings) -> tuple[str, str]:
    """Bring the schema to the newest revision; which it was (empty for none) and is now."""
    return sql_migrate.upgrade(_unchecked_engine(settings, pool_size=1))


def tenant_store(settings: Settings, engine: sa.Engine | None = None) -> SqlTenants:
    """Where tenants are kept. Makes the master key when there is none."""
    key = master_key(settings.master_key.get_secret_value(), settings.data)
    return SqlTenants(engine or sql_engine(settings), Cipher(key))


def cached_tenants(settings: Settings, engine: sa.Engine | None = None) -> CachedTenants:
    """The tenants from memory, once `start` was called."""
    return CachedTenants(tenant_store(settings, engine))


def articles(settings: Settings, engine: sa.Engine | None = None) -> SqlArticles:
    """Where articles are kept."""
    return SqlArticles(engine or sql_engine(settings))


def records(settings: Settings, engine: sa.Engine | None = None) -> SqlRecords:
    """Where conversations and turns are kept."""
    return SqlRecords(engine or sql_engine(settings))


def read_tenants(path: Path) -> Mapping[str, object]:
    """A document for service.onboarding. Raises InvalidInput."""
    return tenant_files.read_document(path)


def write_tenants(document: Mapping[str, object]) -> str:
    """The document as TOML."""
    return tenant_files.write_document(document)


def read_articles(path: Path, progress: Progress) -> Iterator[ArticleDraft | BadLine]:
    """The lines of a JSONL, CSV or XLSX file, for service.library. Raises InvalidInput."""
    return article_files.read_articles(path, progress)


def write_article(article: Article) -> str:
    """The article as a line of JSONL."""
    return jsonl.write(article.article_id, article.question, article.similar, article.answer)


def embedded_valkey(settings: Settings) -> EmbeddedValkey:
    """The server that comes with us, for whoever starts and stops it."""
    return EmbeddedValkey(_valkey_folder(settings))


def redis_client(settings: Settings, most: int) -> Client:
    """The server of inbox and ledger, fit for it. Raises ConfigurationError, TemporaryFailure."""
    if not settings.redis_url:
        raise ConfigurationError(
            "WECOM_BOT_REDIS_URL 未设置：单机请用 `wecom-bot serve`（自带 Valkey）"
            " / WECOM_BOT_REDIS_URL is not set: on one machine use `wecom-bot serve`, which brings its own server"
        )
    client = redis_connect(settings.redis_url, timeout=_REDIS_TIMEOUT, most=most)
    redis_check(client)
    return client


def inbox(settings: Settings) -> RedisInbox:
    """The inbox, for an operator who looks into it: also that of a `serve` which brought its own server."""
    if not settings.redis_url and sockets.path(_valkey_folder(settings)).exists():
        settings = settings.model_copy(update={"redis_url": sockets.url(_valkey_folder(settings))})
    return RedisInbox(redis_client(settings, most=4), settings.max_waiting)


def web_app(settings: Settings) -> Flask:
    """The gateway of one process."""
    faults.arm(settings.crash_point)
    tenants = cached_tenants(settings)
    queue = RedisInbox(redis_client(settings, _GATEWAY_CONNECTIONS), settings.max_waiting)
    tenants.start()
    gate = WecomGate(tenants)
    return create_app(
        WebServices(
            receive=Receive(tenants, gate, queue),
            verify=Verify(tenants, gate),
            ready=lambda: _missing(queue),
            metrics=exposition.render,
        )
    )


def worker(settings: Settings) -> Worker:
    """The worker of one process."""
    faults.arm(settings.crash_point)
    clock = SystemClock()
    client = redis_client(settings, settings.concurrency + _WORKER_CHORES)
    engine = sql_engine(settings)
    tenants = cached_tenants(settings, engine)
    tenants.start()
    clients = Clients(
        tenants,
        RedisSharedTokens(client),
        clock,
        base_url=settings.wecom_base_url,
        timeout=settings.wecom_timeout,
        pool=settings.concurrency,
    )
    speaker = Speakers(KfSpeaker(clients, tenants), AppSpeaker(clients, tenants, clock, settings.handoff_silence))
    queue, ledger, outbox = RedisInbox(client, settings.max_waiting), RedisLedger(client, clock), RedisOutbox(client)
    kept = records(settings, engine)
    index = EmbeddedSearch(settings.data / "search.sqlite", articles(settings, engine))
    answer = Answer(
        tenants=tenants,
        speaker=speaker,
        ledger=ledger,
        records=kept,
        pipeline=standard(index, RulesRecognizer()),
        deliver=Deliver(speaker, ledger),
        time_limit=time_limit,
        clock=clock,
        think_deadline=settings.think_deadline,
        session_timeout=settings.session_timeout,
    )
    deeds: dict[str, Deed] = {
        "pull": Pull(queue, KfSource(clients), kept, settings.first_contact_margin),
        "answer": answer,
        "handoff": CallServicer(speaker, ledger),
    }
    pace = Pace(settings.concurrency, settings.lease, settings.max_attempts, settings.shutdown_grace)
    name = f"{socket.gethostname()}-{os.getpid()}"
    return Worker(name, queue, outbox, deeds, Record(outbox, kept), lambda: [t.corp_id for t in tenants.all()], pace)


def _valkey_folder(settings: Settings) -> Path:
    return settings.data / "valkey"


def _missing(queue: RedisInbox) -> list[str]:
    """What a process cannot do its work without. SQL is not among it: the bot goes on without."""
    try:
        queue.ping()
    except TemporaryFailure:
        return ["redis"]
    return []


def _unchecked_engine(settings: Settings, pool_size: int) -> sa.Engine:
    return connect(settings.database_url or embedded(settings.data), pool_size)
