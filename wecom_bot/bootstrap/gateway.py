"""The gateway: everything that a callback needs until it is acknowledged.

It starts without SQL and without Redis: a process that cannot boot takes its whole server down, and whoever asks is
better told 503 than refused. What is missing is looked for until it is there.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Blueprint, Flask

from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.sql.tenants import CachedTenants
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.inbound.callback import WecomGate
from wecom_bot.bootstrap.patience import patiently
from wecom_bot.bootstrap.shared import redis_client_now
from wecom_bot.bootstrap.stores import cached_tenants
from wecom_bot.domain.job import Job
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError, TemporaryFailure
from wecom_bot.ports import Mailroom
from wecom_bot.service.conversation.receive import Receive, Verify
from wecom_bot.settings import Settings
from wecom_bot.telemetry import exposition, faults, logs
from wecom_bot.web.app import WebServices, create_app

log = logs.get(__name__)

_CONNECTIONS = 8  # callbacks share one trip at a time, with each server of a cluster; and there are who ask for /readyz
# WeCom waits 5 s: a callback may have to wait for the end of one trip before its own begins
_ANSWER = timedelta(seconds=2)


def web_app(settings: Settings) -> Flask:
    """The gateway of one process. Raises ConfigurationError, where SQL or Redis is there and not fit."""
    faults.arm(settings.crash_point)
    tenants = cached_tenants(settings)
    tenants.start()
    mailroom = _mailroom(settings)
    gate = WecomGate(tenants, SystemClock())
    return create_app(
        WebServices(
            receive=Receive(tenants, gate, mailroom),
            verify=Verify(tenants, gate),
            ready=lambda: _missing(tenants, mailroom),
            metrics=exposition.render,
            api=_api(settings, tenants),
        )
    )


def _api(settings: Settings, tenants: CachedTenants) -> Blueprint | None:
    """The API where its token is set: without one no process has memory to spare for it."""
    if not settings.api_token.get_secret_value():
        return None
    from wecom_bot.bootstrap.operation import late_operation  # noqa: PLC0415 - see above
    from wecom_bot.web import api  # noqa: PLC0415

    return api.blueprint(api.Api(settings.api_token, late_operation(settings, tenants.get), writes=settings.api_writes))


class _LateMailroom:
    """Implements ports.Mailroom: it is opened by its first use, and tried again by the next one while that fails."""

    def __init__(self, start: Callable[[], Mailroom]) -> None:
        self._start = start
        self._opened: Mailroom | None = None

    def put(self, corp_id: CorpId, jobs: Sequence[Job]) -> int:
        return self._open().put(corp_id, jobs)

    def ping(self) -> None:
        self._open().ping()

    def _open(self) -> Mailroom:
        if self._opened is None:
            try:
                self._opened = self._start()
            except ConfigurationError as e:  # too late to refuse the start: unready until an operator has changed it
                log.error("inbox.refused", reason=str(e))
                raise TemporaryFailure(str(e)) from e
        return self._opened


def _mailroom(settings: Settings) -> Mailroom:
    def opened() -> RedisInbox:
        return RedisInbox(redis_client_now(settings, _CONNECTIONS, _ANSWER), settings.max_waiting)

    try:
        return patiently(opened)
    except TemporaryFailure as e:
        log.warning("inbox.away", reason=str(e))
        return _LateMailroom(opened)


def _missing(tenants: CachedTenants, mailroom: Mailroom) -> list[str]:
    """What a process cannot do its work without. SQL is not among it once the tenants are known."""
    missing = [] if tenants.loaded else ["sql"]
    try:
        mailroom.ping()
    except TemporaryFailure:
        missing.append("redis")
    return missing
