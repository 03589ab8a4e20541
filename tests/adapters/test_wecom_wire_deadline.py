"""The deadline of a call to WeCom is for all of it: a server that sends a byte now and then cannot hold us."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.scripted_wecom import raw_server
from wecom_bot.adapters.wecom.api.wire import Body, WecomWire
from wecom_bot.errors import OutcomeUnknown, TemporaryFailure

ROOT = Path(__file__).parents[2]
DEADLINE = timedelta(seconds=1.5)  # enough for the call to go out
BODY = b'{"errcode":0}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Disposition: attachment\r\n"
GZIP = b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"

Act = Callable[[socket.socket], None]


waited = threading.Event()


@pytest.fixture(autouse=True)
def _nobody_waits_to_the_end() -> Iterator[None]:
    waited.clear()
    yield
    assert not waited.is_set()


def drip(connection: socket.socket, slowly: bytes) -> None:
    """An answer in fifteen seconds or more: who waits for its end has no deadline."""
    try:
        for byte in slowly:
            connection.sendall(bytes([byte]))
            threading.Event().wait(0.1)
    except OSError:  # the caller had enough
        return
    waited.set()


def drips_headers(connection: socket.socket) -> None:
    drip(connection, HEAD + b"X-Padding: none\r\n" * 5 + b"Content-Length: 13\r\n\r\n")
    with suppress(OSError):
        connection.sendall(BODY)


def drips_a_chunks_size(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    drip(connection, b"0" * 150)
    with suppress(OSError):
        connection.sendall(b"d\r\n" + BODY + b"\r\n0\r\n\r\n")


def drips_a_body_until_it_closes(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Connection: close\r\n\r\n")
    drip(connection, BODY + b" " * 150)


def drips_what_cannot_be_decoded_yet(connection: socket.socket) -> None:
    connection.sendall(HEAD + GZIP)
    drip(connection, b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a-long-name-of-a-file" * 8)


def drips_a_handshake(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x03\x10\x00\x02\x00\x0f\xfc")  # a ServerHello of 4 KB begins
    drip(connection, b"\x03" * 150)


DRIPS = [drips_headers, drips_a_chunks_size, drips_a_body_until_it_closes, drips_what_cannot_be_decoded_yet]


def ask(url: str, api: str) -> None:
    wire = WecomWire(url, DEADLINE, pool=4)
    wire.ask(api, {"access_token": "t"}, Body(b"{}"), file=True)


@pytest.mark.parametrize("act", DRIPS)
@pytest.mark.parametrize(
    ("api", "expected"), [("message/send", OutcomeUnknown), ("media/get", TemporaryFailure)], ids=["shows", "asks"]
)
def test_an_answer_that_drips_is_cut_off_at_the_deadline(act: Act, api: str, expected: type[Exception]) -> None:
    with raw_server(act) as url, pytest.raises(expected) as failed:
        ask(url, api)
    assert type(failed.value) is expected


def test_a_connection_that_was_kept_has_the_deadline_too() -> None:
    answers = iter([lambda c: c.sendall(HEAD + b"Content-Length: 13\r\n\r\n" + BODY), drips_headers])

    def act(connection: socket.socket) -> None:
        next(answers)(connection)
        if connection.recv(65536):
            next(answers)(connection)

    with raw_server(act) as url:
        wire = WecomWire(url, DEADLINE, pool=4)
        assert wire.ask("media/get", {}, Body(b"{}"), file=True).body == BODY
        with pytest.raises(TemporaryFailure):
            wire.ask("media/get", {}, Body(b"{}"), file=True)


def test_it_is_so_for_greenlets_and_tls_too() -> None:
    program = """if True:
        from wecom_bot import startup
        startup.patch_all()
        import sys
        from tests.adapters.test_wecom_wire_deadline import ask
        from wecom_bot.errors import TemporaryFailure
        for url in sys.argv[1:]:
            try:
                ask(url, "media/get")
            except TemporaryFailure:
                print("in time")
    """
    with raw_server(drips_headers) as plain, raw_server(drips_a_handshake) as tls:
        urls = plain, tls.replace("http:", "https:")
        command = [sys.executable, "-c", program, *urls]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n") == ["in time", "in time", ""]


def test_a_name_that_nobody_finds_is_not_waited_for_and_nothing_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def stalled(*_: object, **__: object) -> list[object]:
        over.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    try:
        with pytest.raises(TemporaryFailure) as failed:
            ask("http://wecom.example", "message/send")
    finally:
        over.set()
    assert type(failed.value) is TemporaryFailure


def test_calls_cost_no_thread_each() -> None:
    answer = HEAD + b"Content-Length: 13\r\n\r\n" + BODY

    def act(connection: socket.socket) -> None:
        connection.sendall(answer)
        while connection.recv(65536):
            connection.sendall(answer)

    with raw_server(act) as url:
        wire = WecomWire(url, 20 * DEADLINE, pool=4)
        before = set(threading.enumerate())
        for _ in range(10):
            wire.ask("media/get", {}, file=True)
        ours = [each.name for each in set(threading.enumerate()) - before if each.name.startswith("http-w")]
        assert ours == ["http-watchdog"]
        del wire  # and its connection, with which the server's thread ends
