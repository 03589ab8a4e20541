"""Timeouts and concurrency: how long things may take, and how a worker works."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import gevent

from wecom_bot.errors import TookTooLong


@contextmanager
def time_limit(span: timedelta) -> Iterator[None]:
    """Implements ports.TimeLimit for greenlets: what waits is interrupted, what computes is not."""
    timer = gevent.Timeout(span.total_seconds())
    timer.start()
    try:
        yield
    except gevent.Timeout as e:
        if e is not timer:
            raise
        raise TookTooLong(f"it took longer than {span.total_seconds():g} s") from None
    finally:
        timer.close()


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works: how many conversations at once, how long a lease, how many tries, how long to say goodbye."""

    concurrency: int
    lease: timedelta
    max_attempts: int
    grace: timedelta
