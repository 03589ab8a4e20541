"""What strangers may send to the front door, in all the forms that cost it something; each in a process of its own.

Only ever to this machine, for as long as is said, over as many connections as is said.
"""

import json
import multiprocessing
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import BinaryIO

QUERY = f"msg_signature={'0' * 40}&timestamp=1700000000&nonce=nonce"
FORGED = b"<xml><ToUserName>ww1</ToUserName><Encrypt><![CDATA[" + b"A" * 600 + b"]]></Encrypt></xml>"
SIXTY_FOUR = 64 * 1024
_PATIENCE = 10.0


def posted(path: str, body: bytes, length: int | None = None) -> bytes:
    """A POST as bytes on the wire, which says that its body has that length."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class Form:
    """One form of a flood. `kept` connections send again as long as they are left open; `batch` requests at once."""

    name: str
    request: bytes
    kept: bool = True
    connections: int = 64
    batch: int = 1
    slow: bool = False
    through_nginx: bool = False


def forms(path: str) -> list[Form]:
    """All of them, at the address of somebody's callback."""
    forged = posted(f"{path}?{QUERY}", FORGED)
    ones = ('{"a":[1' + ",1" * (SIXTY_FOUR // 2 - 6) + "]}").encode()
    keys = json.dumps({f"k{number}": 1 for number in range(5000)}).encode()[:SIXTY_FOUR]
    elements = b"<xml>" + b"<a/>" * (SIXTY_FOUR // 4 - 4) + b"</xml>"
    crumbs = b"1\r\nx\r\n" * 9000
    chunked = f"POST {path}?{QUERY} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return [
        Form("bodies of 1 MB", posted(f"{path}?{QUERY}", b'{"a":[1' + b",1" * 500_000 + b"]}"), kept=False),
        Form("a JSON list of 64 KB", posted(f"{path}?{QUERY}", ones)),
        Form("64 KB of JSON keys", posted(f"{path}?{QUERY}", keys)),
        Form("64 KB of XML elements", posted(f"{path}?{QUERY}", elements)),
        Form("a body in crumbs", chunked + crumbs + b"0\r\n\r\n", kept=False),
        Form("broken chunks", chunked + b"zz\r\n", kept=False),
        Form("forged, kept alive", forged),
        Form("forged, new connections", forged, kept=False),
        Form("forged, pipelined", forged, connections=2, batch=100),
        Form("forged, through nginx", forged, through_nginx=True),
        Form("long paths", f"GET /{'x' * 1900} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()),
        Form("no HTTP", b"GARBAGE " * 100 + b"\r\n\r\n", kept=False),
        Form("a byte a second", forged[:200], connections=1200, slow=True),
        Form("half a body", posted(f"{path}?{QUERY}", FORGED, length=60_000), connections=1200, slow=True),
    ]


@contextmanager
def flooding(form: Form, port: int, seconds: float) -> Iterator[Callable[[], Counter[str]]]:
    """Floods that port meanwhile; gives what tells, at the end, how often the strangers got which answer."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_flood, args=(form, port, seconds, theirs), daemon=True)
    process.start()
    assert ours.poll(60), "the strangers did not come"
    ours.recv()  # they are at the door

    def told() -> Counter[str]:
        assert ours.poll(seconds + 60), "the strangers did not go"
        found: Counter[str] = ours.recv()
        return found

    try:
        yield told
    finally:
        process.join(seconds + 60)
        if process.is_alive():
            process.kill()


def _flood(form: Form, port: int, seconds: float, told: Connection) -> None:
    until = time.monotonic() + seconds
    answers: Counter[str] = Counter()
    told.send("here")
    if form.slow:
        _dawdle(form, port, until, answers)
    else:
        threads = [threading.Thread(target=_hurry, args=(form, port, until, answers)) for _ in range(form.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    told.send(answers)


def _hurry(form: Form, port: int, until: float, answers: Counter[str]) -> None:
    """Ask, take the answers, ask again."""
    work = form.request * form.batch
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as wire:
                reading = wire.makefile("rb")
                while time.monotonic() < until:
                    with suppress(BrokenPipeError, ConnectionResetError):  # there may be an answer all the same
                        wire.sendall(work)
                    stays = all(_answer(reading, answers) for _ in range(form.batch))
                    if not (stays and form.kept):
                        break
        except OSError as e:
            answers[type(e).__name__] += 1
            time.sleep(0.01)


def _answer(reading: BinaryIO, answers: Counter[str]) -> bool:
    """Take one answer; whether the connection stays open."""
    line = reading.readline()
    answers[line[9:12].decode() or "closed"] += 1
    stays, length = bool(line), 0
    while line := reading.readline().strip().lower():
        stays = stays and line != b"connection: close"
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    reading.read(length)
    return stays


def _dawdle(form: Form, port: int, until: float, answers: Counter[str]) -> None:
    """Keep so many connections open, and send on each a byte a second; who is shown out comes back."""
    eyes, sent = selectors.DefaultSelector(), dict[socket.socket, int]()
    whole = len(form.request) > 400  # a body that never ends: all that there is of it, and then silence
    while time.monotonic() < until:
        for _ in range(min(200, form.connections - len(sent))):
            with suppress(OSError):
                wire = socket.create_connection(("127.0.0.1", port), timeout=0.2)
                wire.settimeout(0)
                if whole:
                    wire.send(form.request)
                sent[wire] = 0
                eyes.register(wire, selectors.EVENT_READ)
        second = min(until, time.monotonic() + (1.0 if len(sent) >= form.connections else 0.1))
        while (left := second - time.monotonic()) > 0:
            for key, _ in eyes.select(left):
                _leave(eyes, sent, key.fileobj, answers)
        for wire in list(sent):
            if not whole:
                with suppress(OSError):
                    wire.send(form.request[sent[wire] : sent[wire] + 1])
                sent[wire] += 1
    for wire in list(sent):
        answers["still open"] += 1
        wire.close()


def _leave(eyes: selectors.BaseSelector, sent: dict[socket.socket, int], wire: object, answers: Counter[str]) -> None:
    assert isinstance(wire, socket.socket)
    data = b""
    with suppress(OSError):
        data = wire.recv(4096)
    answers[data[9:12].decode() or "closed"] += 1
    eyes.unregister(wire)
    del sent[wire]
    wire.close()
