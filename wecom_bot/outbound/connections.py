"""Connections that are made in time, or left to themselves, and that a HardDeadline can cut.

No timeout reaches a look-up of a name, nor the sum of a host's many addresses. A helper makes the connection, and who
waits for it goes away when the time is over; connections are kept, so a helper is rarely needed.
"""

import re
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from http.client import HTTPException
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from wecom_bot.outbound.deadline import guard, passed

Connect = Callable[[], socket.socket]

_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")  # in the words of http.client


def _in_time(connect: Connect, seconds: float | None) -> socket.socket:
    """The connection. Raises what `connect` raises, or TimeoutError: then what still comes of it is closed."""
    made: Future[socket.socket] = Future()
    threading.Thread(target=_make, args=(connect, made), daemon=True, name="http-connect").start()
    try:
        return made.result(seconds)
    except BaseException:  # also a timeout of the whole turn, which is no Exception
        made.add_done_callback(_close)
        raise


def _make(connect: Connect, made: "Future[socket.socket]") -> None:
    try:
        line = connect()
    except BaseException as e:  # noqa: BLE001 - whoever waits raises it
        made.set_exception(e)
    else:
        made.set_result(line)


def _close(made: "Future[socket.socket]") -> None:
    if made.exception() is None:
        made.result().close()


class PlainConnection(HTTPConnection):
    """To a host, or to a proxy."""

    def _new_conn(self) -> socket.socket:
        try:
            connected = _in_time(super()._new_conn, self.timeout)
        except TimeoutError:
            raise ConnectTimeoutError(self, "no connection in time") from None
        guard(connected)  # from here on, and not when `connect` is done: TLS shakes hands in between
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as urllib3 has it
        guard(self.sock)  # one that was open before
        super().request(*args, **kwargs)


class NotTunnelled(NewConnectionError):
    """The proxy made no tunnel: nothing of the request was sent. `status` is what it answered, if it did."""

    def __init__(self, conn: HTTPConnection, status: int | None) -> None:
        super().__init__(conn, f"no tunnel through the proxy, which answered {status}")
        self.status = status


class TlsConnection(PlainConnection, HTTPSConnection):
    """To a host, perhaps through a proxy's tunnel."""

    def _tunnel(self) -> None:
        try:
            super()._tunnel()
        except (OSError, HTTPException) as e:
            found = _REFUSED.search(str(e))
            raise NotTunnelled(self, int(found[1]) if found else None) from None
        if passed():
            raise NotTunnelled(self, None)
