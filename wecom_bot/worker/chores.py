"""Periodic tasks: what a worker does beside its jobs, again and again."""

from collections.abc import Callable
from time import monotonic

import gevent

from wecom_bot.errors import TemporaryFailure
from wecom_bot.telemetry import logs

log = logs.get(__name__)

SAID_AGAIN = 30.0
"""Seconds until a chore that goes on failing says so again: some run more than once a second."""


def every(seconds: float, chore: Callable[[], None]) -> None:
    """Do it now and then, for ever, whatever comes of it."""
    silent_until = 0.0
    while True:
        silent_until = attempt(chore, silent_until, monotonic())
        gevent.sleep(seconds)


def attempt(chore: Callable[[], None], silent_until: float, now: float) -> float:
    """Do it once, whatever comes of it; until when the log shall hold no more of what fails for a while."""
    try:
        chore()
    except TemporaryFailure as e:
        if now < silent_until:
            return silent_until
        log.warning("worker.chore_failed", chore=_name(chore), error=str(e))
        return now + SAID_AGAIN
    except Exception as e:  # noqa: BLE001 - without its chores a worker loses every lease, and nobody is told
        name, kind = _name(chore), type(e).__name__
        log.error("worker.chore_failed", chore=name, error=kind, at=logs.place(e))
    return 0.0


def _name(chore: Callable[[], None]) -> str:
    return str(getattr(chore, "__name__", type(chore).__name__)).strip("_")
