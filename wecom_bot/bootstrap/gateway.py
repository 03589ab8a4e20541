"""The gateway: everything that a callback needs until it is acknowledged."""

from flask import Flask

from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.wecom.callback import WecomGate
from wecom_bot.bootstrap.patience import patiently
from wecom_bot.bootstrap.shared import redis_client
from wecom_bot.bootstrap.stores import cached_tenants
from wecom_bot.errors import TemporaryFailure
from wecom_bot.service.receive import Receive, Verify
from wecom_bot.settings import Settings
from wecom_bot.telemetry import exposition, faults
from wecom_bot.web.app import WebServices, create_app

_CONNECTIONS = 64  # callbacks that one process stores at the same time; more wait their turn


def web_app(settings: Settings) -> Flask:
    """The gateway of one process."""
    faults.arm(settings.crash_point)
    tenants = patiently(lambda: cached_tenants(settings))
    queue = RedisInbox(redis_client(settings, _CONNECTIONS), settings.max_waiting)
    patiently(tenants.start)
    gate = WecomGate(tenants)
    return create_app(
        WebServices(
            receive=Receive(tenants, gate, queue),
            verify=Verify(tenants, gate),
            ready=lambda: _missing(queue),
            metrics=exposition.render,
        )
    )


def _missing(queue: RedisInbox) -> list[str]:
    """What a process cannot do its work without. SQL is not among it: the bot goes on without."""
    try:
        queue.ping()
    except TemporaryFailure:
        return ["redis"]
    return []
