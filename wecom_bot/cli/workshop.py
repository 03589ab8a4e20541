"""What `wecom-bot worker` does once the standard library is patched."""

import signal
from collections.abc import Sequence

import gevent

from wecom_bot import bootstrap
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Inbox
from wecom_bot.settings import load
from wecom_bot.telemetry import logs
from wecom_bot.worker.health import HealthPort


def work() -> None:
    """Work until SIGTERM or SIGINT, then until what is under way is done. Raises ConfigurationError."""
    settings = load()
    logs.configure(settings.log_format, settings.log_level)
    worker = bootstrap.worker(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, worker.stop)
    inbox = bootstrap.inbox(settings)
    health = HealthPort(settings.host, settings.worker_port, lambda: _missing(inbox))
    health.start()
    try:
        worker.run()
    finally:
        health.stop()


def _missing(inbox: Inbox) -> Sequence[str]:
    try:
        inbox.ping()
    except TemporaryFailure:
        return ["redis"]
    return []
