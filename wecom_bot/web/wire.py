"""A connection to a stranger, none of whose waits is without an end."""

import errno
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent

from wecom_bot.web.limits import Limits


class TooSlow(Exception):  # no OSError: gunicorn takes those for a connection that is gone
    """A head or a body had not come whole in its time."""


class TooMuch(Exception):
    """More bytes came than a head or a body may have."""


class GatewayWire:
    """A gevent socket as gunicorn uses one; what it does not limit is the socket's own."""

    def __init__(self, sock: Any, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:  # noqa: ANN401 - a socket's double in tests
        self._sock, self._limits, self._clock = sock, limits, clock
        self._until: float | None = clock() + limits.head
        self._room = limits.head_bytes
        self.begun = False  # whether anything of what is awaited has come
        self.served = False  # whether an earlier request was answered here
        self.refused = False  # whether that answer was a refusal
        self.unread = False  # whether there may be more to come than we will read

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._sock, name)

    def await_head(self) -> None:
        """What comes next is a request's head. How long a connection may stay idle before it is not told here."""
        self.begun, self._room = False, self._limits.head_bytes
        if self.served:
            self._until = None

    def await_body(self) -> None:
        """What comes next is a request's body."""
        self.begun, self._room = False, self._limits.wire_bytes
        self._until = self._clock() + self._limits.body

    def recv(self, size: int) -> bytes:
        """What has come. Raises TooSlow, TooMuch, ConnectionResetError."""
        left = None if self._until is None else self._until - self._clock()
        if left is not None and left <= 0:
            raise TooSlow
        data: bytes = self._bounded(self._sock.recv, size, left)
        if self._until is None:
            self._until = self._clock() + self._limits.head
        self.begun = True
        self._room -= len(data)
        if self._room < 0:
            raise TooMuch
        return data

    def sendall(self, data: bytes) -> None:
        """Send it. Raises ConnectionResetError, also where nobody takes it."""
        try:
            self._bounded(self._sock.sendall, data, self._limits.send)
        except TooSlow as e:
            raise ConnectionResetError(errno.ECONNRESET, "the answer was not taken") from e

    def _bounded(self, call: Callable[[Any], Any], argument: object, seconds: float | None) -> Any:  # noqa: ANN401 - the call's
        self._sock.settimeout(seconds)
        try:
            return call(argument)
        except TimeoutError as e:
            raise TooSlow from e
        except OSError as e:  # whatever it was: the other side is gone, which is nothing to log
            raise ConnectionResetError(errno.ECONNRESET, str(e)) from e

    def give_up(self) -> None:
        """Let who waits for it find it closed."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it; who is still sending gets a moment to see the answer, which a reset would take away."""
        if self.unread:
            with suppress(OSError, TooSlow):
                self._drain()
        self._sock.close()

    def _drain(self) -> None:
        self._sock.shutdown(socket.SHUT_WR)
        until, room = self._clock() + self._limits.linger, self._limits.linger_bytes
        while room > 0 and (left := until - self._clock()) > 0:
            data = self._bounded(self._sock.recv, 64 * 1024, left)
            if not data:
                return
            room -= len(data)
            gevent.sleep(0)
