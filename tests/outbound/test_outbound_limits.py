"""The time limit on a whole exchange, which the clients of all neighbours share."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.scripted_wecom import raw_server
from wecom_bot.outbound import trouble
from wecom_bot.outbound.connections import _in_time
from wecom_bot.outbound.deadline import Deadline, HardDeadline, Watchdog
from wecom_bot.outbound.session import session

SOON, LATER, LONG = timedelta(milliseconds=100), timedelta(seconds=3), timedelta(seconds=60)


@contextmanager
def a_line() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_connection_that_comes_too_late_is_closed() -> None:
    come = threading.Event()
    with a_line() as (ours, theirs):

        def connect() -> socket.socket:
            come.wait(20)
            return ours

        with pytest.raises(TimeoutError):
            _in_time(connect, 0.01)
        come.set()
        assert theirs.recv(64) == b""


def test_what_kept_a_connection_from_being_made_is_raised() -> None:
    def connect() -> socket.socket:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        _in_time(connect, 20)


def test_a_connection_that_was_made_when_the_time_was_over_is_cut_at_once() -> None:
    with a_line() as (ours, theirs), HardDeadline(Watchdog(), Deadline.after(timedelta(0))) as limit:
        while not limit.passed:
            threading.Event().wait(0.001)
        limit.guard(ours)
        assert theirs.recv(64) == b""


def test_a_deadline_that_was_called_off_leaves_the_connection_alone() -> None:
    with a_line() as (ours, theirs):
        with HardDeadline(Watchdog(), Deadline.after(LONG)) as limit:
            limit.guard(ours)
        limit.cut()
        ours.sendall(b"still here")
        assert (theirs.recv(64), limit.passed) == (b"still here", False)


def test_a_watchdog_keeps_the_order_of_deadlines() -> None:
    watchdog = Watchdog()
    late, soon, never = (HardDeadline(watchdog, Deadline.after(after)) for after in (LATER, SOON, LONG))
    with a_line() as first, a_line() as second, a_line() as third, never, late, soon:
        for limit, (ours, _) in ((late, first), (soon, second), (never, third)):
            limit.guard(ours)
        assert [second[1].recv(1), late.passed] == [b"", False]
        assert [first[1].recv(1), never.passed] == [b"", False]


def test_a_session_asks_no_proxy_and_keeps_no_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asked = list[bytes]()

    def act(connection: socket.socket) -> None:
        answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: who=me; Path=/\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(answer)
        asked.append(connection.recv(65536))
        connection.sendall(answer)

    made = session(1)
    with raw_server(act) as url:
        for _ in range(2):
            assert made.get(url, timeout=PATIENCE).status_code == 200
        made.close()
    assert b"cookie" not in asked[0].lower()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta(0)),
        ("999999", timedelta(hours=1)),
        ("9" * 5000, timedelta(hours=1)),
        ("", None),
        ("-1", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_a_pause_is_asked_for_in_seconds(header: str, expected: timedelta | None) -> None:
    assert trouble.pause(header) == expected


def test_a_reason_names_no_url() -> None:
    with pytest.raises(Exception, match="secret") as failed:
        session(1).get("http://127.0.0.1:1/?token=secret", timeout=PATIENCE)
    assert trouble.reason(failed.value) == "ConnectionError, ConnectionRefusedError 111"
