"""gunicorn with our worker, and strangers at the door: each gets an answer or none, and everybody else gets theirs."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.stormed_door import CHUNKED, FORGED, Door, genuine, opened, posted


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(tmp_path_factory.mktemp("door"), "Impatient") as made:
        yield made


@pytest.fixture(autouse=True)
def no_traceback(door: Door) -> Iterator[None]:
    yield
    assert "Traceback" not in door.log.read_text()
    assert not [line for line in door.lines() if line["level"] == "error"]


def status(answer: bytes) -> int:
    return int(answer[9:12])


@pytest.mark.parametrize(
    "broken",
    [
        b"zz\r\n",
        b"-1\r\nx\r\n",
        b"5\r\nhello",
        b"5\r\nhelloworld\r\n0\r\n\r\n",
        b"5;\x01\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"\r\n\r\n",
        b"0" * 9000,
        b"5\r\nhello\r\n0\r\nno trailer\r\n\r\n",
        b"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
        b"5\r\nhello\r\n",
        b"1\r\nx\r\n" * 300 + b"0\r\n\r\n",
        b"ffffffffffffffffffffffff\r\nx",
    ],
)
def test_a_broken_chunk_is_a_400_and_the_connection_is_closed(door: Door, broken: bytes) -> None:
    answer = door.say(CHUNKED + broken, and_leave=True)
    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in answer


def test_a_whole_body_in_chunks_is_taken_and_the_connection_kept(door: Door) -> None:
    whole = CHUNKED + b"3\r\n<xm\r\n2;a=b\r\nl>\r\n0\r\nX-Some: trailer\r\n\r\n"
    answer = door.say(whole * 2 + genuine())
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"400", b"400", b"200"]


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "²", "9" * 5000, "0x10", "1,2", ""])
def test_a_length_that_is_none_is_refused(door: Door, length: str) -> None:
    answer = door.say(posted(FORGED, b"", length=length).decode().encode("latin-1"), and_leave=True)
    assert status(answer) in {400, 413}


@pytest.mark.parametrize("head", [posted(FORGED, b"", length=10**9), posted(FORGED, b"", length=65537)])
def test_a_long_body_is_refused_before_it_comes(door: Door, head: bytes) -> None:
    answer = door.say(head)
    assert status(answer) == 413
    assert b"Connection: close" in answer


def test_a_long_body_that_comes_all_the_same_does_not_hide_the_answer(door: Door) -> None:
    assert status(door.say(posted(FORGED, b"x" * 500_000))) == 413
    assert status(door.say(CHUNKED + b"10000\r\n" + b"x" * 65536 + b"\r\n1\r\nx\r\n0\r\n\r\n")) == 413
    assert status(door.say(CHUNKED + b"fffffff\r\n" + b"x" * 300_000)) == 413


def test_64_kilobytes_are_not_too_long(door: Door) -> None:
    assert status(door.say(posted(FORGED, b"x" * 65536, "Connection: close"))) == 400
    assert status(door.say(CHUNKED + b"10000\r\n" + b"x" * 65536 + b"\r\n0\r\n\r\n", and_leave=True)) == 400


def test_who_asks_before_sending_a_body_is_answered(door: Door) -> None:
    with closing(door.connect()) as wire:
        head, body = genuine("Connection: close", "Expect: 100-continue").split(b"\r\n\r\n")
        wire.sendall(head + b"\r\n\r\n")
        assert wire.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(body)
        assert status(wire.recv(1024)) == 200


def test_who_asks_before_sending_too_long_a_body_is_told_not_to(door: Door) -> None:
    assert status(door.say(posted(FORGED, b"", "Expect: 100-continue", length=70_000))) == 413


def test_half_a_body_is_given_up_and_so_is_half_a_head(door: Door) -> None:
    assert status(door.say(posted(FORGED, b"half", length=100))) == 408
    assert status(door.say(CHUNKED + b"5\r\nhal")) == 408
    assert status(door.say(b"POST /callback/half")) == 408
    assert door.say(b"") == b""


def test_a_byte_now_and_then_gives_no_more_time(door: Door) -> None:
    with closing(door.connect()) as wire:
        answer, began = b"", time.monotonic()
        wire.settimeout(0.1)
        while not answer and time.monotonic() - began < PATIENCE:
            try:
                wire.sendall(b"x")
                answer = wire.recv(1024)
            except TimeoutError:
                continue
        assert status(answer) == 408


@pytest.mark.parametrize("said", [posted(FORGED, b"half", length=100), CHUNKED + b"5\r\nhal", b"POST /half", b"\r\n"])
def test_who_goes_away_in_the_middle_leaves_no_traceback(door: Door, said: bytes) -> None:
    for how in (b"\0" * 8, b"\1\0\0\0" + b"\0" * 4):  # with a farewell, and by a reset
        wire = door.connect()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)
        wire.sendall(said)
        wire.close()
    assert door.is_open()


def test_an_endless_head_is_refused(door: Door) -> None:
    fields = "".join(f"X-{number}: {'y' * 4000}\r\n" for number in range(20))
    assert status(door.say(f"GET /livez HTTP/1.1\r\n{fields}\r\n".encode())) == 431
    assert status(door.say(b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\n\r\n")) == 414


def test_a_thousand_that_hold_their_words_back_keep_nobody_out(door: Door) -> None:
    with ExitStack() as held:
        for number in range(700):
            wire = held.enter_context(closing(door.connect()))
            wire.sendall(b"P" if number % 2 else posted(FORGED, b"half", length=100))
        assert all(door.is_open() for _ in range(5))


def test_when_there_is_no_more_room_who_has_waited_longest_makes_it(tmp_path: Path, door: Door) -> None:
    del door
    with opened(tmp_path, "Crowded") as crowded, ExitStack() as held:
        waiting = [held.enter_context(closing(crowded.connect())) for _ in range(50)]
        for wire in waiting:
            wire.sendall(b"POST /")
        assert crowded.is_open()
        assert waiting[0].recv(10) == b""


def test_who_asks_again_and_again_is_not_kept_where_there_is_no_more_room(tmp_path: Path, door: Door) -> None:
    del door
    asking = posted(FORGED, b"<xml><Encrypt>x</Encrypt></xml>") * 50
    with opened(tmp_path, "Crowded") as crowded, ExitStack() as held:
        wires = [held.enter_context(closing(crowded.connect())) for _ in range(40)]

        def one_is_not_kept() -> bool:
            said = b""
            for wire in wires:
                wire.settimeout(0)
                with suppress(OSError):
                    wire.send(asking)
                with suppress(OSError):
                    said += wire.recv(1 << 20)
            return b"Connection: close" in said

        wait_until(one_is_not_kept)
        assert crowded.is_open()


@pytest.mark.parametrize(
    "header", ["SCRIPT_NAME: /x", "PATH_INFO: /x", "X-Forwarded-Proto: https\r\nX-Forwarded-SSL: x"]
)
def test_no_header_moves_a_request(door: Door, header: str) -> None:
    assert status(door.say(genuine("Connection: close", header))) == 200


def test_on_the_wire_slashes_too_many_mean_the_same_url_and_open_no_other(door: Door) -> None:
    url = genuine("Connection: close")
    path = url.split(b"?")[0].removeprefix(b"POST ")
    for written in (b"/" + path, path + b"/", path.replace(b"/callback/", b"//callback//"), b"http://x/" + path):
        assert status(door.say(url.replace(path, written, 1))) == 200
    asking = "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for other in ("/callback//livez", "/callback//../livez", "/callback/..//livez/", "//callback/livez"):
        assert status(door.say(asking.format(other).encode())) == 404


def test_a_header_does_not_lead_out_of_the_one_path_that_a_proxy_passes(door: Door) -> None:
    asking = "GET /callback/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n"
    for header in ("SCRIPT_NAME: /callback\r\n", "PATH_INFO: /livez\r\n", ""):
        assert status(door.say(asking.format(header).encode())) == 404


def test_a_stranger_s_words_are_cut_and_their_refusals_counted(door: Door) -> None:
    def told(event: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in door.lines():
            if line["event"] == event:
                for kind, count in (line.get("outcomes") or line["statuses"]).items():
                    found[kind] = found.get(kind, 0) + count
        return found

    def ones(event: str, **fields: object) -> int:
        return sum(line["event"] == event and fields.items() <= line.items() for line in door.lines())

    def counted(event: str, more: str, **fields: object) -> int:
        (kind,) = fields.values()
        return ones(event, **fields) + told(more).get(str(kind), 0)

    before = counted("callback.refused", "callback.refused_more", outcome="unknown")
    lines_before, not_found = ones("callback.refused"), counted("http.request", "http.refused_more", status=404)
    asking = posted(f"/callback/{'w' * 900}/{'a' * 900}?{FORGED.partition('?')[2]}", b"<xml/>")
    for _ in range(10):
        with closing(door.connect()) as wire:
            wire.sendall(asking * 20 + genuine())
            while wire.recv(65536):
                pass
    wait_until(lambda: counted("callback.refused", "callback.refused_more", outcome="unknown") == before + 200)
    wait_until(lambda: counted("http.request", "http.refused_more", status=404) == not_found + 200)
    assert ones("callback.refused") < lines_before + 200
    assert "w" * 65 not in door.log.read_text()
    assert "a" * 65 not in door.log.read_text()


def test_what_is_no_http_is_counted_too(door: Door) -> None:
    for _ in range(40):
        door.say(b"GET /" + b"z" * 500 + b" NOTHTTP\r\n\r\n")
    wait_until(lambda: any("malformed" in line.get("statuses", {}) for line in door.lines()))
    assert "z" * 65 not in door.log.read_text()
    assert len([line for line in door.lines() if "Invalid request from" in line["event"]]) < 60
