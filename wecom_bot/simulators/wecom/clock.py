"""The simulator's time, in which the past can be made older."""

import threading
import time


class StampClock:
    """Stamps in seconds. The present is always real: `age` moves what was stamped before further back.

    So a test can let 48 hours pass while callbacks keep the time that the bot has.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._aged = 0.0

    def now(self) -> float:
        """A stamp of the present, for `shown` and for comparing with other stamps."""
        return time.time() + self._aged

    def age(self, seconds: float) -> None:
        """Make everything stamped so far that much older."""
        with self._lock:
            self._aged += seconds

    def shown(self, stamp: float) -> int:
        """The stamp as WeCom would write it now: seconds since the epoch."""
        return int(stamp - self._aged)
