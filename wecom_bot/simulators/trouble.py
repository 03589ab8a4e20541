"""Trouble on demand: what the next calls meet. Which troubles there are, each simulator says for itself."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flask import Response

_BAD_GATEWAY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
FOR_EVER = 3600.0


class Lasting(Protocol):
    """Holds `times` calls or `for_seconds`, whichever is over first; one call if neither is given."""

    @property
    def times(self) -> int | None: ...
    @property
    def for_seconds(self) -> float | None: ...


_T = TypeVar("_T", bound=Lasting)


@dataclass(slots=True)
class _Queued(Generic[_T]):
    trouble: _T
    times: float
    until: float

    @property
    def live(self) -> bool:
        return self.times > 0 and time.monotonic() < self.until


class Troubles(Generic[_T]):
    """The queue of troubles; a call meets the first live one that means it.

    A call has a thread, and hears of every release after it came: also of one at a moment when it does not wait.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[_Queued[_T]] = []
        self._released = threading.Event()
        self._call = threading.local()

    def add(self, trouble: _T) -> None:
        """Queue a trouble; its time begins now."""
        times = trouble.times or (1 if trouble.for_seconds is None else float("inf"))
        until = float("inf") if trouble.for_seconds is None else time.monotonic() + trouble.for_seconds
        with self._lock:
            self._queue.append(_Queued(trouble, times, until))

    def first(self, meant: Callable[[_T], bool]) -> _T | None:
        """What this call meets; it counts as met."""
        self._call.released = self._released
        if not self._queue:  # nearly always, so do not queue up for the lock
            return None
        with self._lock:
            self._call.released = self._released
            self._queue = [queued for queued in self._queue if queued.live]
            for queued in self._queue:
                if meant(queued.trouble):
                    queued.times -= 1
                    return queued.trouble
        return None

    def clear(self) -> None:
        """No more trouble."""
        with self._lock:
            self._queue.clear()
        self.release()

    def release(self) -> None:
        """Let calls go on at once that hang or are delayed; the queue stays."""
        with self._lock:
            self._released.set()
            self._released = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Sleep, unless released since this call came; whether it was."""
        released: threading.Event = getattr(self._call, "released", self._released)
        return released.wait(seconds)

    def broken_off(self, after: float | None) -> Response:
        """An answer that never comes: the connection is reset, at once or after so many seconds (0 is very long)."""
        return Response(self._reset(after))

    def _reset(self, after: float | None) -> Iterator[bytes]:
        if after is not None:
            self.wait(after or FOR_EVER)
        raise ConnectionResetError
        yield b""  # makes it a generator, so that nothing is raised before the server reads it


def bad_gateway(status: int) -> Response:
    """A page of the proxy in front, where JSON was expected."""
    return Response(_BAD_GATEWAY.format(status), status, content_type="text/html")
