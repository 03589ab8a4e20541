"""Periodic tasks: what a worker does beside its jobs, again and again."""

from collections.abc import Callable

import gevent

from wecom_bot.errors import TemporaryFailure
from wecom_bot.telemetry import logs

log = logs.get(__name__)


def every(seconds: float, chore: Callable[[], None]) -> None:
    """Do it now and then, for ever, whatever comes of it."""
    while True:
        try:
            chore()
        except TemporaryFailure as e:
            log.warning("worker.chore_failed", chore=_name(chore), error=str(e))
        except Exception as e:  # noqa: BLE001 - without its chores a worker loses every lease, and nobody is told
            name, kind = _name(chore), type(e).__name__
            log.error("worker.chore_failed", chore=name, error=kind, at=logs.place(e))
        gevent.sleep(seconds)


def _name(chore: Callable[[], None]) -> str:
    return str(getattr(chore, "__name__", type(chore).__name__)).strip("_")
