"""Deadlines on the monotonic clock: the moment, and what keeps a whole exchange to it.

The timeout of a socket starts anew with every byte, so a drip would outlast it. The same in threads and in greenlets:
one watchdog serves all exchanges of a pool, so none costs a thread of its own.
"""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count
from math import inf
from time import monotonic
from types import TracebackType
from typing import Self

_IDLE = 10.0  # seconds without work after which the thread ends


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which a whole call, repeats included, must have ended."""

    end: float

    @classmethod
    def after(cls, span: timedelta) -> "Deadline":
        """The one that ends `span` from now."""
        return cls(monotonic() + span.total_seconds())

    @property
    def left(self) -> float:
        """Seconds until then, at least 0."""
        return max(0.0, self.end - monotonic())


class Watchdog:
    """A watchdog timer: cuts what outlasts its deadline, in one thread that lives while there is something to watch."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, HardDeadline]] = []
        self._number = count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._sleeps_until = inf

    def note(self, end: float, limit: "HardDeadline") -> None:
        """Cut this exchange at `end`, unless it is over by then."""
        heappush(self._due, (end, next(self._number), limit))  # in one step, for all threads
        if end >= self._sleeps_until and self._thread is not None and self._thread.is_alive():
            return  # it looks before that, as nearly always: no lock is needed to know
        with self._changed:
            if self._thread is None or not self._thread.is_alive():  # a fork leaves it behind
                self._thread = threading.Thread(target=self._watch, daemon=True, name="http-watchdog")
                self._thread.start()
            else:
                self._changed.notify()

    def _watch(self) -> None:
        while True:
            for limit in self._come():
                limit.cut()
            with self._changed:
                self._sleeps_until = inf  # whoever notes something from here on waits for this lock, and wakes us
                end = self._due[0][0] if self._due else monotonic() + _IDLE
                self._sleeps_until = end
                left = end - monotonic()
                if left <= 0 or self._changed.wait(left) or self._due:
                    continue
                self._thread = None  # whoever notes something from here on starts another ...
                if self._due:  # ... and who did so just before counted on us
                    self._thread = threading.current_thread()
                    continue
                return

    def _come(self) -> list["HardDeadline"]:
        now, come = monotonic(), []
        while self._due and self._due[0][0] <= now:
            come.append(heappop(self._due)[2])
        return come


class HardDeadline:
    """A hard deadline: what goes over our connections in its block is cut off when the time is over, wherever it is.

    Cutting a connection may look like the end of an answer, so ask `passed`.
    """

    def __init__(self, watchdog: Watchdog, deadline: Deadline) -> None:
        self.passed = False
        self._watchdog = watchdog
        self._deadline = deadline
        self._over = False
        self._line: socket.socket | None = None
        self._owned = False
        self._lock = threading.Lock()
        self._outer: Token[HardDeadline | None] | None = None

    def __enter__(self) -> Self:
        self._outer = _current.set(self)
        self.shorten(self._deadline)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.call_off()
        if self._outer is not None:
            _current.reset(self._outer)

    def shorten(self, deadline: Deadline) -> None:
        """Cut at this deadline, too."""
        self._watchdog.note(deadline.end, self)

    def call_off(self) -> None:
        """Never cut again: the exchange is over, and its connection may soon carry somebody else's."""
        with self._lock:
            self._over = True
            self._take(None, owned=False)

    def during(self, connect: Callable[[], None]) -> None:
        """Do this, with what it connects under this deadline."""
        outer = _current.set(self)
        try:
            connect()
        finally:
            _current.reset(outer)

    def guard(self, connected: socket.socket) -> None:
        """Cut this connection when the time is over, which may be now."""
        with self._lock:
            self._take(handle(connected), owned=True)

    def watch(self, handle: socket.socket) -> None:
        """The same by a handle that is there already, and somebody else's to close, not before this is called off."""
        with self._lock:
            self._take(handle, owned=False)

    def _take(self, line: socket.socket | None, *, owned: bool) -> None:
        if self._line is not None and self._owned:
            self._line.close()
        self._line, self._owned = line, owned
        if self.passed and line is not None:
            _shut_down(line)

    def cut(self) -> None:
        """Cut the connection now."""
        with self._lock:
            if self._over:
                return
            self.passed = True
            if self._line is not None:
                _shut_down(self._line)


_current: ContextVar[HardDeadline | None] = ContextVar("hard_deadline", default=None)


def guard(connected: socket.socket | None) -> None:
    """Put the connection under the deadline in whose block this is called, if there is one."""
    limit = _current.get()
    if limit is not None and connected is not None:
        limit.guard(connected)


def passed() -> bool:
    """Whether the time is over for who asks: a connection that was cut looks like the end of what was said."""
    limit = _current.get()
    return limit is not None and limit.passed


def handle(connected: socket.socket) -> socket.socket:
    """A second handle on a connection: TLS takes the socket's place in the middle, and closing it frees its number."""
    return socket.socket(fileno=os.dup(connected.fileno()))


def _shut_down(line: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        line.shutdown(socket.SHUT_RDWR)
