"""How much of this process's time the patterns of one tenant may take: however many it has, others are answered.

A bound on each reading alone is none on a message, which many patterns read. This is a token bucket of seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TypeVar

from wecom_bot.errors import PatternTooSlow

T = TypeVar("T")

MOST = timedelta(seconds=0.5)  # at once; fifty ordinary patterns are compiled in a fifth of it, and read in far less
REFILL = 0.2  # seconds of work for each second that goes by; ordinary ones take a tenth of a loop of nothing but turns

_ALREADY = timedelta(0)


@dataclass(slots=True)
class Share:
    """The time that is left to a tenant's patterns. What takes more than that is the last for a while."""

    clock: Callable[[], float] = time.monotonic
    worked: Callable[[], float] = time.thread_time
    _left: float = MOST.total_seconds()
    _at: float | None = None
    _told: bool = False

    def spend(self, read: Callable[[], T]) -> T:
        """What is read. Raises PatternTooSlow, and reads nothing, when no time is left."""
        self._refill()
        if self._left <= 0:
            aside = _ALREADY if self._told else timedelta(seconds=-self._left / REFILL)
            self._told = True
            raise PatternTooSlow("all patterns of the tenant together take too long", aside=aside)
        self._told = False
        began = self.worked()
        try:
            return read()
        finally:
            self._left -= self.worked() - began

    def _refill(self) -> None:
        now = self.clock()
        if self._at is not None:
            self._left = min(MOST.total_seconds(), self._left + (now - self._at) * REFILL)
        self._at = now


@lru_cache(maxsize=4096)
def share(_: str) -> Share:
    """The share of the tenant of that corp id, one for the whole process."""
    return Share()
