"""A connection's limits, with a clock and a socket of the test's own."""

import pytest

from wecom_bot.web.limits import Limits
from wecom_bot.web.wire import GatewayWire, TooMuch, TooSlow

LIMITS = Limits(head=5, body=7, send=3, linger=1, head_bytes=100, wire_bytes=200, linger_bytes=1000)


class Slowly:
    """A socket whose every piece takes some seconds to come, or to go; and the clock that they pass on."""

    def __init__(self, seconds: float = 0, piece: bytes = b"x") -> None:
        self.now, self.seconds, self.piece = 0.0, seconds, piece
        self.timeout: float | None = None
        self.acts: list[str] = []

    def clock(self) -> float:
        return self.now

    def settimeout(self, seconds: float | None) -> None:
        self.timeout = seconds

    def _pass(self) -> None:
        if self.timeout is not None and self.seconds > self.timeout:
            self.now += self.timeout
            raise TimeoutError
        self.now += self.seconds

    def recv(self, _size: int) -> bytes:
        self._pass()
        self.acts.append("recv")
        return self.piece

    def sendall(self, _data: bytes) -> None:
        self._pass()

    def shutdown(self, _how: int) -> None:
        self.acts.append("shutdown")

    def close(self) -> None:
        self.acts.append("close")


def wire(sock: Slowly) -> GatewayWire:
    return GatewayWire(sock, LIMITS, sock.clock)


def read_on(slow: GatewayWire) -> None:
    for _ in range(100):
        slow.recv(1)


def test_a_head_has_its_time_as_a_whole_and_not_for_each_byte() -> None:
    sock = Slowly(seconds=1)
    new = wire(sock)
    with pytest.raises(TooSlow):
        read_on(new)
    assert sock.now == 5
    assert new.begun


def test_a_connection_that_says_nothing_has_no_longer() -> None:
    sock = Slowly(seconds=100)
    silent = wire(sock)
    silent.await_head()
    with pytest.raises(TooSlow):
        silent.recv(1)
    assert sock.now == 5
    assert not silent.begun


def test_a_kept_connection_may_stay_idle_and_then_has_the_time_of_a_head() -> None:
    sock = Slowly(seconds=60)
    kept = wire(sock)
    kept.served = True
    kept.await_head()
    assert kept.recv(1) == b"x"
    sock.seconds = 1
    with pytest.raises(TooSlow):
        read_on(kept)
    assert sock.now == 65


def test_a_body_has_its_own_time() -> None:
    sock = Slowly(seconds=4)
    one = wire(sock)
    one.recv(1)
    one.await_body()
    one.recv(1)
    with pytest.raises(TooSlow):
        one.recv(1)
    assert sock.now == 11


def test_more_than_a_head_or_a_body_may_have_is_too_much() -> None:
    one = wire(Slowly(piece=b"x" * 60))
    one.recv(60)
    with pytest.raises(TooMuch):
        one.recv(60)
    one.await_body()
    for _ in range(3):
        one.recv(60)
    with pytest.raises(TooMuch):
        one.recv(60)


def test_an_answer_that_nobody_takes_is_a_connection_that_is_gone() -> None:
    with pytest.raises(ConnectionResetError):
        wire(Slowly(seconds=4)).sendall(b"x")


def test_who_still_sends_gets_a_moment_and_a_bound_before_the_connection_is_closed() -> None:
    for sock in (Slowly(piece=b"x" * 400), Slowly(seconds=0.4)):
        refused = wire(sock)
        refused.unread = True
        refused.close()
        assert sock.acts[0] == "shutdown"
        assert sock.acts[-1] == "close"
        assert 2 <= sock.acts.count("recv") <= 3


def test_whose_request_was_read_whole_is_closed_at_once() -> None:
    sock = Slowly()
    wire(sock).close()
    assert sock.acts == ["close"]
