"""A limit on the whole of an exchange: the timeout of a socket starts anew with every byte, so a drip would outlast it.

The same in threads and in greenlets. One watchman serves all exchanges of a pool: none costs a thread of its own.
"""

import os
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar, Token
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from types import TracebackType
from typing import Self

from wecom_bot.outbound.deadline import Deadline

_IDLE = 10.0  # seconds without work after which the watchman goes home


class Watchman:
    """Blows fuses when their time has come, in one thread that lives as long as there are any."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Fuse]] = []
        self._number = count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def note(self, end: float, fuse: "Fuse") -> None:
        """Blow this fuse at `end`, unless it is over by then."""
        with self._changed:
            heappush(self._due, (end, next(self._number), fuse))
            if self._thread is None or not self._thread.is_alive():  # a fork leaves it behind
                self._thread = threading.Thread(target=self._watch, daemon=True, name="http-watchman")
                self._thread.start()
            elif self._due[0][2] is fuse:
                self._changed.notify()

    def _watch(self) -> None:
        while True:
            for fuse in self._come():
                fuse.blow()
            with self._changed:
                left = self._due[0][0] - monotonic() if self._due else _IDLE
                if left <= 0 or self._changed.wait(left) or self._due:
                    continue
                self._thread = None
                return

    def _come(self) -> list["Fuse"]:
        with self._changed:
            now, come = monotonic(), []
            while self._due and self._due[0][0] <= now:
                come.append(heappop(self._due)[2])
            return come


class Fuse:
    """Blows at the deadline: what FusedAdapter sends in its block is then cut off, wherever it is.

    Cutting a connection may look like the end of an answer, so ask `blown`.
    """

    def __init__(self, watchman: Watchman, deadline: Deadline) -> None:
        self.blown = False
        self._watchman = watchman
        self._deadline = deadline
        self._over = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self._outer: Token[Fuse | None] | None = None

    def __enter__(self) -> Self:
        self._outer = _current.set(self)
        self.shorten(self._deadline)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.put_out()
        if self._outer is not None:
            _current.reset(self._outer)

    def shorten(self, deadline: Deadline) -> None:
        """Blow at this deadline, too."""
        self._watchman.note(deadline.end, self)

    def put_out(self) -> None:
        """Never blow again: the exchange is over, and its connection may soon carry somebody else's."""
        with self._lock:
            self._over = True
            if self._line is not None:
                self._line.close()
            self._line = None

    def guard(self, connected: socket.socket) -> None:
        """Cut this connection when the time is over, which may be now."""
        # a handle of our own: TLS takes the socket's place in the middle, and closing it would free its number
        line = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            if self._line is not None:
                self._line.close()
            self._line = line
            if self.blown:
                _cut(line)

    def blow(self) -> None:
        """Cut the connection now."""
        with self._lock:
            if self._over:
                return
            self.blown = True
            if self._line is not None:
                _cut(self._line)


_current: ContextVar[Fuse | None] = ContextVar("fuse", default=None)


def guard(connected: socket.socket | None) -> None:
    """Hand the connection to the fuse in whose block this is called, if there is one."""
    fuse = _current.get()
    if fuse is not None and connected is not None:
        fuse.guard(connected)


def blown() -> bool:
    """Whether the time is over for who asks: a connection that was cut looks like the end of what was said."""
    fuse = _current.get()
    return fuse is not None and fuse.blown


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        line.shutdown(socket.SHUT_RDWR)
