"""Stands between a program and an HTTP server, and passes everything on, or answers in its place as it is told.

What it answers then needs no parsing: each piece that the program sends gets the same bytes, or nothing at all.
"""

import select
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_CHUNK = 1 << 20
_TICK = 0.5  # seconds after which a connection looks whether the relay is closed
_HEAD = b"X-Elastic-Product: Elasticsearch\r\nContent-Type: application/vnd.elasticsearch+json;compatible-with=8\r\n"


def _answer(status: bytes, body: bytes, head: bytes = _HEAD) -> bytes:
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, head, len(body), body)


WRONG = {
    "garbage": _answer(b"200 OK", b"<html>\xff\xfe it works!", b"Content-Type: text/html\r\n"),
    "nonsense": _answer(b"200 OK", b'{"responses": [{"hits": "?"}, 7], "status": []}'),
    "429": _answer(b"429 Too Many Requests", b'{"error": {"type": "es_rejected_execution_exception"}, "status": 429}'),
    "503": _answer(b"503 Service Unavailable", b"{}"),
    "silence": b"",
}
"""What may be answered in the server's place, by name; nothing is ever answered by the last."""


@dataclass
class Relay:
    """Listens on a port of this machine, for as long as the block lasts, before the server on another."""

    behind: int
    wrong: str = ""
    port: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _over: bool = False

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over = True
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                threading.Thread(target=self._serve, args=(self._door.accept()[0],), daemon=True).start()

    def _serve(self, asking: socket.socket) -> None:
        with asking, suppress(OSError):
            if self.wrong:
                self._instead(asking, asking.recv(_CHUNK))
                return
            with socket.create_connection(("127.0.0.1", self.behind)) as server:
                asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pass_on(asking, server)

    def _pass_on(self, asking: socket.socket, server: socket.socket) -> None:
        while not self._over:
            ready, _, _ = select.select([asking, server], [], [], _TICK)
            for each in ready:
                if not (piece := each.recv(_CHUNK)):
                    return
                if each is asking and self.wrong:
                    self._instead(asking, piece)
                    return
                (server if each is asking else asking).sendall(piece)

    def _instead(self, asking: socket.socket, piece: bytes) -> None:
        """Answer as told while that is so, then hang up: what comes afterwards is the server's."""
        while piece and self.wrong and not self._over:
            if answer := WRONG[self.wrong]:
                asking.sendall(answer)
            piece = asking.recv(_CHUNK)
