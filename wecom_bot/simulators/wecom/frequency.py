"""How often, and how many at once: the limits of the API (WeCom page 90312)."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from wecom_bot.simulators.wecom.refusals import WecomRefusal

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within so many seconds; who exceeds it is blocked for `block` seconds."""

    most: int
    seconds: float
    block: float


class Frequency:
    """Counts calls by whatever they have in common. Stamps are the clock's, so that a block ages with the past."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, dict[float, tuple[float, int]]] = {}
        self._blocked: dict[Hashable, float] = {}

    def count(self, key: Hashable, now: float, *limits: Limit) -> None:
        """One more. Raises WecomRefusal 45009 when it is too much, and until the block is over."""
        self.check(key, now)
        windows = self._windows.setdefault(key, {})
        for limit in limits:
            began, count = windows.get(limit.seconds, (now, 0))
            if now - began >= limit.seconds:
                began, count = now, 0
            windows[limit.seconds] = began, count + 1
            if count >= limit.most:
                self._blocked[key] = now + limit.block
                del self._windows[key]  # after the block it counts anew
                raise WecomRefusal(45009)

    def check(self, key: Hashable, now: float) -> None:
        """Raises WecomRefusal 45009 until the block is over."""
        if now < self._blocked.get(key, 0.0):
            raise WecomRefusal(45009)


class Crowd:
    """Counts what is under way at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside: Counter[Hashable] = Counter()

    @contextmanager
    def entered(self, key: Hashable) -> Iterator[int]:
        """One more, until it leaves; how many there are with it."""
        with self._lock:
            self._inside[key] += 1
            inside = self._inside[key]
        try:
            yield inside
        finally:
            with self._lock:
                self._inside[key] -= 1
