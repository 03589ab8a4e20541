"""The deadline of a call to Coze is for all of it: names that are not found, answers that drip, limits from outside."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.scripted_coze import BOT, TOKEN, WORKFLOW, answering, scripted_coze
from tests.fixtures.scripted_wecom import raw_server
from wecom_bot.adapters.coze.circuits import SILENT, CallCircuits
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.errors import Call
from wecom_bot.adapters.coze.persistence import Persistence
from wecom_bot.errors import TemporaryFailure, TookTooLong
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.outbound.deadline import Deadline

ROOT = Path(__file__).parents[2]
SHORT, LONG = timedelta(milliseconds=400), timedelta(seconds=20)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Act = Callable[[socket.socket], None]

dripped_out = threading.Event()


@pytest.fixture(autouse=True)
def _nobody_waits_to_the_end() -> Iterator[None]:
    dripped_out.clear()
    yield
    assert not dripped_out.is_set()


def drip(connection: socket.socket, *pieces: bytes) -> None:
    """An answer in twelve seconds or more: who waits for its end has no deadline."""
    with suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)
            threading.Event().wait(0.1)
        dripped_out.set()


def drips_headers(connection: socket.socket) -> None:
    drip(connection, *(bytes([byte]) for byte in HEAD * 3))


def goes_on_with_100(connection: socket.socket) -> None:
    drip(connection, *[b"HTTP/1.1 100 Continue\r\n\r\n"] * 120)


def drips_a_chunks_size(connection: socket.socket) -> None:
    drip(connection, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"0"] * 120)


def drips_a_handshake(connection: socket.socket) -> None:
    drip(connection, b"\x16\x03\x03\x10\x00\x02\x00\x0f\xfc", *[b"\x03"] * 120)


def run(url: str) -> None:
    client = CozeClient(url, 4)
    client.run_workflow(TOKEN, workflow_id=WORKFLOW, parameters={}, user_id="u", deadline=SHORT)


@pytest.mark.parametrize("act", [drips_headers, goes_on_with_100, drips_a_chunks_size])
def test_an_answer_that_drips_is_cut_off_at_the_deadline(act: Act) -> None:
    with raw_server(act) as url, pytest.raises(TookTooLong):
        run(url)


def test_it_is_so_for_greenlets_and_tls_too() -> None:
    program = """if True:
        from wecom_bot import startup
        startup.patch_all()
        import sys
        from tests.adapters.test_coze_deadline import run
        from wecom_bot.errors import TookTooLong
        for url in sys.argv[1:]:
            try:
                run(url)
            except TookTooLong:
                print("in time")
    """
    with raw_server(drips_headers) as plain, raw_server(drips_a_handshake) as tls:
        urls = plain, tls.replace("http:", "https:")
        command = [sys.executable, "-c", program, *urls]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    assert [line for line in done.stdout.splitlines() if line == "in time"] == ["in time"] * 2, done.stdout


def test_a_name_that_nobody_finds_is_not_waited_for_and_soon_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over, asked = threading.Event(), list[str]()

    def stalled(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        over.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    client = CozeClient("http://coze.example", 4)
    try:
        told = []
        for _ in range(SILENT.failures + 3):
            with pytest.raises(TemporaryFailure) as stopped:
                client.run_workflow(
                    TOKEN, workflow_id=WORKFLOW, parameters={}, user_id="u", deadline=timedelta(milliseconds=500)
                )
            told.append("not asked" in str(stopped.value))
        assert told == [False] * SILENT.failures + [True] * 3
    finally:
        over.set()
    # where the machine stands still, time may be over before a name is asked for
    assert 0 < len(asked) <= SILENT.failures
    assert set(asked) == {"coze.example"}


def test_calls_share_one_thread_and_their_connections() -> None:
    with scripted_coze() as coze:
        coze.script("/v3/chat", answering("您好"))
        client = CozeClient(coze.url, 4)
        before = set(threading.enumerate())
        for _ in range(10):
            client.chat(TOKEN, bot_id=BOT, user_id="u", messages=["你好"], deadline=LONG)
        ours = [each.name for each in set(threading.enumerate()) - before if each.name.startswith("http-w")]
        assert ours == ["http-watchdog"]
        assert coze.connections == 1


class FromOutside(BaseException):
    """As gevent.Timeout is: no Exception."""


@pytest.mark.parametrize("limit", [FromOutside, TookTooLong])
def test_a_limit_from_outside_is_counted_and_passed_on(limit: type[BaseException]) -> None:
    circuits = CallCircuits(LocalCircuitBreaker())
    persistence = Persistence(circuits, SHORT)
    call = Call("Coze", "chat", "host", BOT, TOKEN)

    def struck() -> None:
        raise limit

    for _ in range(SILENT.failures):
        with pytest.raises(limit):
            persistence(call, Deadline.after(LONG), struck, persistence.harmless)
    with pytest.raises(TemporaryFailure, match="not asked"):
        circuits.admit(call)
