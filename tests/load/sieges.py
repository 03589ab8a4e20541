"""What strangers may do to nginx, over TLS and from several addresses; in a process of their own.

Only ever to this machine, for as long, over as many connections and from as many of its addresses as is said.
"""

import asyncio
import multiprocessing
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from tests.fixtures.callers import forged

_AT_ONCE = 64  # who hurries; more of them would only wait for each other
_PATIENCE = 10.0


@dataclass(frozen=True)
class Siege:
    """A form of it. `rate` is of requests a second, over kept connections or new ones; without it, `held` are slow."""

    name: str
    held: int = 0
    body: bool = False  # the slow have said a whole head, and then a byte of the body a second
    rate: int = 0
    kept: bool = True
    addresses: int = 20
    listed: bool = False  # nginx has a list of who is WeCom


SIEGES = (
    Siege("nobody"),
    Siege("1000 slow heads", held=1000),
    Siege("1000 slow bodies", held=1000, body=True),
    Siege("1000 slow bodies, listed", held=1000, body=True, listed=True),
    Siege("500/s forged, kept alive", rate=500),
    Siege("500/s forged, one address", rate=500, addresses=1),
    Siege("500/s forged, new connections", rate=500, kept=False),
    Siege("500/s forged, new, listed", rate=500, kept=False, listed=True),
)


@dataclass(frozen=True)
class Place:
    """Where it happens, and for how long; `certificate` is a path."""

    port: int
    path: str
    certificate: str
    seconds: float


@contextmanager
def besieging(siege: Siege, place: Place) -> Iterator[Callable[[], Counter[str]]]:
    """Goes on meanwhile; gives what tells, at the end, how often the strangers got which answer.

    The block begins when all slow ones are there.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_besiege, args=(siege, place, theirs), daemon=True)
    process.start()
    assert ours.poll(120), "the strangers did not come"
    ours.recv()

    def told() -> Counter[str]:
        assert ours.poll(place.seconds + 60), "the strangers did not go"
        found: Counter[str] = ours.recv()
        return found

    try:
        yield told
    finally:
        process.join(place.seconds + 60)
        if process.is_alive():
            process.kill()


def _besiege(siege: Siege, place: Place, told: Connection) -> None:
    told.send(asyncio.run(_Strangers(siege, place, told).come()))


class _Strangers:
    def __init__(self, siege: Siege, place: Place, told: Connection) -> None:
        self._siege, self._place, self._told = siege, place, told
        self._tls = ssl.create_default_context(cafile=place.certificate)
        self._answers: Counter[str] = Counter()
        self._number = 0
        self._here = 0

    async def come(self) -> Counter[str]:
        if not self._siege.held:
            self._told.send("here")
        self._began = time.monotonic()
        count = self._siege.held or (_AT_ONCE if self._siege.rate else 0)
        work = self._dawdle if self._siege.held else self._hurry
        await asyncio.gather(*(work(number) for number in range(count)))
        return self._answers

    async def _connect(self, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        source = (f"127.0.7.{number % self._siege.addresses + 1}", 0)
        opening = asyncio.open_connection(
            "127.0.0.1", self._place.port, ssl=self._tls, server_hostname="localhost", local_addr=source
        )
        return await asyncio.wait_for(opening, _PATIENCE)

    def _left(self) -> float:
        return self._began + self._place.seconds - time.monotonic()

    async def _dawdle(self, number: int) -> None:
        """Say a byte a second; who is shown out comes back."""
        whole = forged(number, length=60_000, path=self._place.path)
        begin = whole.index(b"\r\n\r\n") + 4 if self._siege.body else 1
        first = True
        while first or self._left() > 0:
            with suppress(OSError, TimeoutError):
                reader, writer = await self._connect(number)
                if first:
                    await self._arrive()
                    first = False
                await self._drip(reader, writer, whole, begin)

    async def _arrive(self) -> None:
        """The time runs from when all are there."""
        self._here += 1
        if self._here == self._siege.held:
            self._began = time.monotonic()
            self._told.send("here")

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: bytes, begin: int) -> None:
        try:
            writer.write(whole[:begin])
            for each in whole[begin:]:
                try:
                    said = await asyncio.wait_for(reader.read(4096), 1.0)
                except TimeoutError:
                    writer.write(bytes([each]))
                except OSError as e:
                    self._answers[type(e).__name__] += 1
                    return
                else:
                    self._answers[said[9:12].decode() or "closed"] += 1
                    return
                if self._here == self._siege.held and self._left() <= 0:
                    self._answers["still open"] += 1
                    return
        finally:
            writer.transport.abort()

    async def _hurry(self, number: int) -> None:
        """Take the next of the requests, each at its moment."""
        wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while self._left() > 0:
            mine = self._number
            self._number += 1
            if mine >= self._siege.rate * self._place.seconds:
                return
            await asyncio.sleep(self._began + mine / self._siege.rate - time.monotonic())
            try:
                wire = wire or await self._connect(number)
                if not await self._ask(*wire, mine):
                    wire[1].transport.abort()
                    wire = None
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as e:
                self._answers[type(e).__name__] += 1
                wire = None

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        """Ask and take the answer; whether the connection may be used again."""
        writer.write(forged(number, path=self._place.path))
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)).lower()
        self._answers[head[9:12].decode()] += 1
        length = int(head.partition(b"content-length:")[2].partition(b"\r")[0] or 0)
        await reader.readexactly(length)
        return self._siege.kept and b"connection: close" not in head
