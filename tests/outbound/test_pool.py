"""Calls over kept connections: what goes out, what comes back, and what becomes of a call that has no answer."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from select import select

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.connect_proxy import NAME, Asked, certificate, listening, over_tls, proxy
from tests.fixtures.ports import free_port
from tests.fixtures.scripted_wecom import raw_server
from wecom_bot.outbound.connections import PlainConnection
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.egress import Egress
from wecom_bot.outbound.line import OpenLine
from wecom_bot.outbound.pool import HostPool
from wecom_bot.outbound.reply import Unanswered

LONG, SHORT = timedelta(seconds=60), timedelta(milliseconds=300)
MOST = 1000
OK = b"HTTP/1.1 200 OK\r\n"
SAYS_A = OK + b"Content-Length: 1\r\n\r\na"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

Act = Callable[[socket.socket], None]


class Answering:
    """Answers each request with the next of these, and notes what it was asked after the first, and connections."""

    def __init__(self, *answers: bytes, hangs_up: bool = False) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.connections = 0
        self.hangs_up = hangs_up

    def __call__(self, line: socket.socket) -> None:
        self.connections += 1
        while self.answers:
            line.sendall(self.answers.pop(0))
            if self.hangs_up or not (more := line.recv(65536)):
                return
            self.asked.append(more)


def ask(pool: HostPool, target: str = "/x?a=b", body: bytes | None = b"{}", after: timedelta = LONG) -> bytes:
    with pool.send(target, {"Content-Type": "application/json"}, body, Deadline.after(after)) as reply:
        return reply.whole(MOST)


@contextmanager
def calling(act: Act, size: int = 4, path: str = "") -> Iterator[HostPool]:
    """A pool of connections to a server that acts so."""
    with raw_server(act) as url:
        pool = HostPool(url + path, size)
        yield pool
        pool.close()


def lost(act: Act, after: timedelta = LONG) -> Unanswered:
    """What becomes of a call to a server that acts so."""
    with calling(act) as pool, pytest.raises(Unanswered) as failed:
        ask(pool, after=after)
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    return failed.value


def test_who_hangs_up_is_gone_at_once_whoever_else_holds_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = PlainConnection(*server.getsockname(), timeout=PATIENCE)
        connection.connect()
        line, other = OpenLine(connection), server.accept()[0]
        with line.socket.makefile("rb"), other:  # which keeps the socket open when it is closed
            line.close()
            other.settimeout(PATIENCE)
            assert other.recv(1) == b""


def test_a_call_goes_out_in_one_piece_over_a_connection_that_is_kept() -> None:
    answering = Answering(SAYS_A, SAYS_A, SAYS_A)
    with calling(answering, path="/base/") as pool:
        assert [ask(pool), ask(pool), ask(pool, body=None)] == [b"a", b"a", b"a"]
    assert answering.connections == 1
    posted, got = answering.asked
    assert posted.startswith(b"POST /base/x?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert posted.endswith(
        b"\r\nUser-Agent: wecom-bot\r\nAccept-Encoding: gzip, deflate\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert got.startswith(b"GET /base/x?a=b HTTP/1.1\r\n")
    assert got.endswith(b"Content-Type: application/json\r\n\r\n")


@pytest.mark.parametrize("answer", [SAYS_A, OK + b"Connection: close\r\n\r\na", CHUNKED + b"1\r\na\r\n0\r\n\r\n"])
def test_a_connection_on_which_the_other_side_hung_up_is_not_used_again(answer: bytes) -> None:
    answering = Answering(answer, answer, hangs_up=True)
    with calling(answering) as pool:
        assert ask(pool) == b"a"
        wait_until(lambda: not any(each.quiet() for each in pool._kept))  # noqa: SLF001 - to see when it has come
        assert ask(pool) == b"a"
    assert answering.connections == 2


def test_a_connection_on_which_something_was_said_unasked_is_not_used_again() -> None:
    done, connections = threading.Event(), 0

    def act(line: socket.socket) -> None:
        nonlocal connections
        connections += 1
        line.sendall(SAYS_A)
        if connections == 1:
            done.wait(PATIENCE)
            line.sendall(SAYS_A.replace(b"a", b"b"))
        with suppress(OSError):  # who hangs up on what was not read is rude
            line.recv(1)

    with calling(act) as pool:
        assert ask(pool) == b"a"
        (kept,) = pool._kept  # noqa: SLF001 - to see when it has come
        done.set()
        assert select([kept.handle], [], [], PATIENCE)[0]
        assert ask(pool) == b"a"
    assert connections == 2


def test_over_tls_nothing_that_was_deciphered_already_is_left_to_who_asks_next(tmp_path: Path) -> None:
    """More came with an answer than was announced, in one record of TLS: the socket under it is empty."""
    identity = certificate(tmp_path)
    more = SAYS_A.replace(b"\r\na", b"\r\nb")
    told = SAYS_A.ljust(8192, b"x") + more  # so much is taken out of a record for one answer
    with listening(over_tls(identity, told, [])) as port, proxy(port, Asked()) as url:
        pool = HostPool(f"https://{NAME}", 4, Egress.parse(url, ""), trusts=str(identity.certificate))
        assert [ask(pool), ask(pool)] == [b"a", b"a"]
        pool.close()


@pytest.mark.parametrize("status", [b"102 Processing", b"103 Early Hints\r\nLink: </a>"])
def test_what_is_said_before_the_answer_is_not_taken_for_it(status: bytes) -> None:
    """Nor is the answer left on the connection, to whoever asks next."""
    hint = b"HTTP/1.1 " + status + b"\r\n\r\n"
    with calling(Answering(hint + hint + SAYS_A, SAYS_A.replace(b"a", b"b"))) as pool:
        assert [ask(pool), ask(pool)] == [b"a", b"b"]


def test_no_more_are_kept_than_the_pool_may_hold() -> None:
    answering = Answering(*[SAYS_A] * 3)
    with calling(answering, 0) as pool:
        assert [ask(pool), ask(pool)] == [b"a", b"a"]
    assert answering.connections == 2


@pytest.mark.parametrize("kind", ["gzip", "plain"])
def test_an_answer_is_told_as_it_was_said(kind: str) -> None:
    said = "晚上九点".encode() * 10
    sent = gzip.compress(said) if kind == "gzip" else said
    encoding = b"Content-Encoding: gzip\r\n" if kind == "gzip" else b""
    head = OK + encoding + b"Content-Length: %d\r\n\r\n" % len(sent)
    with calling(Answering(head + sent)) as pool:
        assert ask(pool) == said


def test_an_answer_that_is_too_long_is_given_up() -> None:
    failed = lost(Answering(CHUNKED + b"%x\r\n" % 3000 + b"a" * 3000 + b"\r\n0\r\n\r\n"))
    assert (str(failed), failed.sent, failed.late) == ("the answer does not end", True, False)


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", OK + b"Content-Length: 9\r\n\r\na", CHUNKED + b"5\r\na", CHUNKED + b"1\r\na\r\n"],
)
def test_an_answer_that_breaks_off_is_none_and_the_request_may_have_been_seen(answer: bytes) -> None:
    failed = lost(Answering(answer, hangs_up=True))
    assert (failed.sent, failed.late, failed.unreached) == (True, False, False)


def test_an_answer_that_broke_off_has_no_end_however_often_it_is_asked_for() -> None:
    answering = Answering(CHUNKED + b"1\r\na\r\nno chunk\r\n", SAYS_A)
    with calling(answering) as pool:
        with pool.send("/x", {}, b"", Deadline.after(LONG)) as reply:
            assert reply.read(MOST) == b"a"
            for _ in range(2):
                with pytest.raises(Unanswered):
                    reply.read(MOST)
        assert ask(pool) == b"a"
    assert answering.connections == 2


@pytest.mark.parametrize("answer", [b"", OK, OK + b"Content-Length: 9\r\n\r\na", CHUNKED + b"1\r\na\r\n"])
def test_an_answer_that_stops_is_late(answer: bytes) -> None:
    failed = lost(Answering(answer), after=SHORT)
    assert (failed.sent, failed.late) == (True, True)


def test_where_nobody_is_nothing_was_sent_and_it_is_not_late() -> None:
    with pytest.raises(Unanswered) as failed:
        ask(HostPool(f"http://127.0.0.1:{free_port()}", 4))
    assert (failed.value.sent, failed.value.late, failed.value.unreached) == (False, False, True)
    assert "127.0.0.1" not in str(failed.value)


def test_when_no_time_is_left_nobody_is_asked() -> None:
    answering = Answering(SAYS_A)
    with raw_server(answering) as url, pytest.raises(Unanswered) as failed:
        ask(HostPool(url, 4), after=timedelta(0))
    assert (failed.value.sent, failed.value.late, answering.connections) == (False, True, 0)


@pytest.mark.parametrize("target", ["/x y", "/x\r\nA: b", "/x\ud800", "/汉"])
def test_what_no_request_line_may_hold_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        ask(HostPool("http://127.0.0.1:1", 4), target)
    assert not isinstance(refused.value, Unanswered)


def test_a_header_cannot_begin_another() -> None:
    with pytest.raises(ValueError, match="one line"):
        HostPool("http://127.0.0.1:1", 4).send("/x", {"A": "b\r\nC: d"}, b"", Deadline.after(LONG))


def test_an_answer_is_read_to_its_end_where_that_is_near_and_the_connection_is_kept() -> None:
    answering = Answering(CHUNKED + b"1\r\na\r\n0\r\n\r\n", SAYS_A)
    with calling(answering) as pool:
        reply = pool.send("/x", {}, b"", Deadline.after(LONG))
        assert reply.read(1) == b"a"
        reply.finish(Deadline.after(LONG))
        reply.close()
        assert ask(pool) == b"a"
    assert answering.connections == 1


def test_an_answer_whose_end_does_not_come_is_left_and_its_connection_with_it() -> None:
    answering = Answering(CHUNKED + b"1\r\na\r\n", SAYS_A)
    with calling(answering) as pool:
        reply = pool.send("/x", {}, b"", Deadline.after(LONG))
        assert reply.read(1) == b"a"
        reply.finish(Deadline.after(SHORT))
        reply.close()
        assert ask(pool) == b"a"
    assert answering.connections == 2


def test_it_is_told_how_the_connections_are_used() -> None:
    with calling(Answering(SAYS_A, SAYS_A)) as pool:
        assert pool.usage() == (0, 4, 0, 0)
        reply = pool.send("/x", {}, b"", Deadline.after(LONG))
        assert pool.usage() == (1, 4, 0, 0)
        reply.whole(MOST)
        for _ in range(2):  # once is enough, and twice no harm
            reply.close()
            assert pool.usage() == (0, 4, 0, 0)
    nowhere = HostPool(f"http://127.0.0.1:{free_port()}", 4)
    with pytest.raises(Unanswered):
        ask(nowhere)
    assert nowhere.usage() == (0, 4, 0, 1)
