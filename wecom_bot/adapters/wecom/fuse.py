"""A time limit on a whole exchange over HTTP.

The timeout of a socket is none: it starts anew with every byte, so a neighbour that drips holds us as long as it likes.
"""

import os
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar, Token
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Fuse:
    """Blows when the block takes longer than `length`: what FusedAdapter sends in it is then cut off, wherever it is.

    The same in threads and in greenlets. Cutting a connection may look like the end of an answer, so ask `blown`.
    """

    def __init__(self, length: timedelta) -> None:
        self.blown = False
        self._over = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(length.total_seconds(), self._blow)
        self._timer.daemon = True  # a process that ends does not wait for it
        self._outer: Token[Fuse | None] | None = None

    def __enter__(self) -> Self:
        self._outer = _current.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._line is not None:
                self._line.close()
        if self._outer is not None:
            _current.reset(self._outer)

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection when the time is over, which may be now."""
        # a handle of our own: TLS takes the socket's place in the middle, and closing it would free its number
        line = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            if self._line is not None:
                self._line.close()
            self._line = line
            if self.blown:
                _cut(line)

    def _blow(self) -> None:
        with self._lock:
            if self._over:  # the connection may already carry somebody else's exchange
                return
            self.blown = True
            if self._line is not None:
                _cut(self._line)


_current: ContextVar[Fuse | None] = ContextVar("fuse", default=None)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        line.shutdown(socket.SHUT_RDWR)


def _watch(connected: socket.socket | None) -> None:
    fuse = _current.get()
    if fuse is not None and connected is not None:
        fuse.watch(connected)


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _watch(connected)  # from here on, and not when `connect` is done: TLS shakes hands in between
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as urllib3 has it
        _watch(self.sock)  # one that was open before
        super().request(*args, **kwargs)


class _Https(_Http, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class FusedAdapter(HTTPAdapter):
    """The adapter of requests whose connections obey the Fuse in whose block they are used."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
