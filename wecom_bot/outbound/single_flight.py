"""Single flight: of all who want the same made at the same time one makes it, and the others wait for that, briefly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock
from time import monotonic

_MOST = 1000  # under way at once; what somebody began and never ended is forgotten then


@dataclass(slots=True)
class _Flight:
    until: float
    followers: int = 0
    landed: Event = field(default_factory=Event)


@dataclass(slots=True)
class SingleFlight:
    """The flights of one process. Nobody waits for one that began longer than `patience` ago: it may never land."""

    patience: timedelta
    clock: Callable[[], float] = monotonic
    _under_way: dict[str, _Flight] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def leads(self, key: str) -> bool:
        """Whether the caller is to make it, and to call `landed`; who is not has waited for who does."""
        with self._lock:
            now = self.clock()
            flight = self._under_way.get(key)
            if flight is None or flight.until <= now:
                if len(self._under_way) >= _MOST:
                    self._forget(now)
                self._under_way[key] = _Flight(now + self.patience.total_seconds())
                return True
            flight.followers += 1
        flight.landed.wait(flight.until - now)
        return False

    def landed(self, key: str) -> None:
        """It is made, or will not be: nobody waits for it any more."""
        with self._lock:
            flight = self._under_way.pop(key, None)
        if flight is not None:
            flight.landed.set()

    def followers(self, key: str) -> int:
        """How many wait for it, or have waited."""
        with self._lock:
            flight = self._under_way.get(key)
            return flight.followers if flight else 0

    def _forget(self, now: float) -> None:
        self._under_way = {key: flight for key, flight in self._under_way.items() if flight.until > now}
