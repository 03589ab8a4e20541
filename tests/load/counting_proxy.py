"""Stands between a program and its Redis and counts the round trips: what was written before an answer came is one.

So a pipeline is one trip, as its commands travel together, and a blocking command is one, however long it takes.
"""

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_CHUNK = 256 * 1024


@dataclass
class Trips:
    """Counts one connection's trips. What is written belongs to the trip under way until something was answered."""

    count: Callable[[str], None]
    _answered: bool = True

    def written(self, data: bytes) -> None:
        """The program wrote this."""
        if self._answered:
            self._answered = False
            self.count(command(data))

    def answered(self) -> None:
        """The server wrote something."""
        self._answered = True


def command(data: bytes) -> str:
    """The name of the first command in what a program wrote, "" where that is not to be seen."""
    lines = data.split(b"\r\n", 3)
    whole = len(lines) > 2 and lines[0].startswith(b"*") and lines[1].startswith(b"$")
    return lines[2].decode("ascii", "replace").upper() if whole else ""


@dataclass
class CountingProxy:
    """Listens on one unix socket and passes everything on to another, for as long as the block lasts."""

    listens: Path
    server: Path
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        """For WECOM_BOT_REDIS_URL."""
        return f"unix://{self.listens}"

    def so_far(self) -> Counter[str]:
        """The trips so far, by the first command of each."""
        with self._lock:
            return self.counts.copy()

    def __enter__(self) -> Self:
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(os.fspath(self.listens))
        self._door.listen(512)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each in (self._door, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                client, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(os.fspath(self.server))
                self._open += [client, server]
                trips = Trips(self._count)
                # the answer is noted before it is passed on: what the program writes upon it is another trip
                for source, target, note in (
                    (client, server, trips.written),
                    (server, client, lambda _, trips=trips: trips.answered()),
                ):
                    threading.Thread(target=_pass_on, args=(source, target, note), daemon=True).start()

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1


def _pass_on(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            note(data)
            target.sendall(data)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
