"""Refusals are a stranger's to make: beyond a rate they are counted, and told together, instead of filling the disk."""

import atexit
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

_LATER = 1.0  # seconds until what was not logged is told


def _after(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, call)  # a greenlet, where gevent has patched threads
    timer.daemon = True
    timer.start()


class Refusals:
    """A token bucket of log lines: so many a second are logged one by one, the others' numbers are told by their kind.

    Nothing runs while nothing waits to be told; what waits is told within a second, or when the process ends.
    """

    def __init__(
        self,
        tell: Callable[[Mapping[str, int]], None],
        a_second: int = 10,
        *,
        clock: Callable[[], float] = time.monotonic,
        after: Callable[[float, Callable[[], None]], None] = _after,
    ) -> None:
        self._tell, self._clock, self._after = tell, clock, after
        self._most = self._left = float(a_second)
        self._filled = clock()
        self._untold: Counter[str] = Counter()
        atexit.register(self._tell_all)

    def admit(self, kind: str) -> bool:
        """Whether this one may have a line of its own; if not it was counted."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._filled) * self._most)
        self._filled = now
        if self._left >= 1:
            self._left -= 1
            return True
        if not self._untold:
            self._after(_LATER, self._tell_all)
        self._untold[kind] += 1
        return False

    def _tell_all(self) -> None:
        untold, self._untold = self._untold, Counter()
        if untold:
            self._tell(dict(untold))
