"""An answer's head, read by one pattern, means what http.client reads in it."""

import io
from http.client import HTTPException, HTTPResponse
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wecom_bot.outbound.head import PromptResponse

BODY = b"hello, and some more"
ASKED = ("Content-Type", "content-length", "Retry-After", "X-Some", "Set-Cookie", "Content-Disposition")


class Line:
    """A socket that has said it all."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(self._said))


def read(kind: type[HTTPResponse], said: bytes) -> object:
    """All that is asked of an answer, or how it fails."""
    response: Any = kind(Line(said))  # type: ignore[arg-type] # as above
    try:
        response.begin()
        begun = response.status, response.version, response.chunked, response.length, response.will_close
        named = [response.headers.get(name, "").strip() for name in ASKED]
        return begun, named, ["x-some" in response.headers, "X-NONE" in response.headers], response.read(5)
    except (HTTPException, ValueError) as e:
        return type(e)


def head(first: str, *lines: str, end: str = "\r\n") -> bytes:
    return end.join([first, *lines, "", ""]).encode("latin-1") + BODY


@pytest.mark.parametrize(
    "said",
    [
        head("HTTP/1.1 200 OK", "Content-Type: text/plain; a=b", "Content-Length: 20", "Connection: keep-alive"),
        head("HTTP/1.1 200 OK", "content-LENGTH:20", "CONNECTION: Close"),
        head("HTTP/1.1 429 Too Many Requests", "Retry-After: 7", "Content-Length: 5", "X-Some: "),
        head("HTTP/1.1 200", "Transfer-Encoding: chunked").replace(BODY, b"5\r\nhello\r\n0\r\n\r\n"),
        head("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"),
        head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Length: 3"),
        head("HTTP/1.1 200 OK"),
        head("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 6"),
        head("HTTP/1.1 200 OK", "Content-Length: -5"),
        head("HTTP/1.1 200 OK", "Content-Length: 5, 5"),
        head("HTTP/1.1 200 OK", "Content-Length: ²"),
        head("HTTP/1.1 200 OK", "X-Some: one", " two", "Content-Length: 5"),
        head("HTTP/1.1 200 OK", "X-Some: é", "Content-Length: 5"),
        head("HTTP/1.1 200 OK", "Set-Cookie: a", "Set-Cookie: b", "Content-Length: 5"),
        head("HTTP/1.1 200 OK", "no colon", "Content-Length: 5"),
        head("HTTP/1.1 200 OK", "X Some: blank", "Content-Length: 5"),
        head("HTTP/1.1 200 OK", "Content-Length: 5", end="\n"),
        head("HTTP/1.1 204 No Content", "Content-Length: 5"),
        head("HTTP/1.0 200 OK", "Content-Length: 5"),
        head("HTTP/1.1 700 What", "Content-Length: 5"),
        head("HTTP/2 200 OK", "Content-Length: 5"),
        head("HTTP/1.1 100 Continue") [: -len(BODY)] + head("HTTP/1.1 200 OK", "Content-Length: 5"),
        head("HTTP/1.1 200 OK", *(f"X-{number}: y" for number in range(60)), "Content-Length: 5"),
        head("HTTP/1.1 200 OK", f"X-Some: {'y' * 9000}", "Content-Length: 5"),
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        b"no HTTP at all",
    ],
)  # fmt: skip
def test_a_head_means_the_same_to_both(said: bytes) -> None:
    assert read(PromptResponse, said) == read(HTTPResponse, said)


_NAMES = st.sampled_from(
    ["Content-Length", "content-length", "Transfer-Encoding", "Connection", "X-Some", "Keep-Alive"]
)
_VALUES = st.one_of(
    st.sampled_from(["5", "0", "chunked", "Chunked", "close", "keep-alive", " 5 ", "5\t", "00005"]),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=6),
)


@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=4), st.sampled_from(["200 OK", "404 Not Found", "304 x", "503"]))
@settings(max_examples=300, deadline=None)
def test_any_head_means_the_same_to_both(lines: list[tuple[str, str]], status: str) -> None:
    said = head(f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in lines))
    assert read(PromptResponse, said) == read(HTTPResponse, said)
