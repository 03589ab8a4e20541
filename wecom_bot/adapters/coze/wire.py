"""One HTTP exchange with Coze or an intent service: pooled, within a deadline, whole or as it comes.

An error that leaves here has no cause: what requests raises may name the URL or quote the header with the token.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.exceptions import ConnectTimeout, ReadTimeout, SSLError
from urllib3 import Timeout
from urllib3.exceptions import HTTPError, ReadTimeoutError

from wecom_bot.adapters.coze.codes import Kind
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.errors import Misconfigured
from wecom_bot.outbound import egress as ways
from wecom_bot.outbound import trouble
from wecom_bot.outbound.deadline import Deadline, HardDeadline, Watchdog
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.session import session

MOST_BYTES = 1024 * 1024

_CHUNK = 64 * 1024
_CONNECT = 3.0  # seconds
_DRAIN = 0.2  # seconds to wait for the end of what is over, so that the connection can be used again
NO_ADDRESS = "base_url 不是网址，请核对 / the base_url is no URL: check it"
_STREAM_BEGINS = (b"event", b"data", b"id", b"retry", b":")
_BROKEN = (requests.RequestException, HTTPError, OSError)


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way out; Coze tells its kind by the name."""

    name: str
    content: bytes


class Exchange:
    """A request that was sent, and its answer as it comes. Everything here raises Failed and nothing else."""

    def __init__(self, response: requests.Response, deadline: Deadline, limit: HardDeadline) -> None:
        self.status = response.status_code
        self.logid = response.headers.get("X-Tt-Logid") or response.headers.get("X-Log-ID") or ""
        self.retry_after = trouble.pause(response.headers.get("Retry-After", ""))
        self._raw = response.raw
        self._deadline = deadline
        self._limit = limit
        self._first = b""
        self._content_type = response.headers.get("Content-Type", "").lower()

    def streams(self) -> bool:
        """Whether the answer is a stream of events: a refusal is JSON, whatever was asked for."""
        if self.status != requests.codes.ok:
            return False
        if self._content_type:
            return "text/event-stream" in self._content_type
        self._first = self._first or self._read()
        return self._first.lstrip().startswith(_STREAM_BEGINS)

    def chunks(self) -> Iterator[bytes]:
        """What comes, when it comes, until it ends."""
        first, self._first = self._first, b""
        return chain((first,) if first else (), iter(self._read, b""))

    def body(self) -> bytes:
        """All of it."""
        body = bytearray()
        for piece in self.chunks():
            body += piece
            if len(body) > MOST_BYTES:
                raise self._failed(Kind.BROKEN, "the answer does not end")
        return bytes(body)

    def drain(self) -> None:
        """Read on to the end if it is near: a connection that was left in the middle cannot be used again."""
        self._deadline = Deadline.after(timedelta(seconds=min(_DRAIN, self._deadline.left)))
        self._limit.shorten(self._deadline)
        with suppress(Failed):
            for _ in self.chunks():
                pass

    def _read(self) -> bytes:
        left = self._deadline.left
        if not left:
            raise self._failed(Kind.LATE, "the answer did not end in time")
        # between two bytes requests would wait as long as at first: the socket has to be told how much is left
        try:
            if (sock := getattr(self._raw.connection, "sock", None)) is not None:
                sock.settimeout(left)
            # read1 gives what is there; it also sees the bytes of a body that ends with its connection
            piece = bytes(self._raw.read1(_CHUNK, decode_content=True))
        except ReadTimeoutError:
            failed = self._failed(Kind.LATE, "the answer stopped")
        except (HTTPError, OSError, ValueError) as e:
            failed = self._failed(Kind.BROKEN, trouble.reason(e))
        else:
            if piece or not self._limit.passed:
                return piece or self._end()
            failed = self._failed(Kind.LATE, "the answer did not end in time")
        if self._limit.passed:  # what we cut looks broken
            failed.kind = Kind.LATE
        raise failed

    def _end(self) -> bytes:
        self._limit.call_off()
        return b""

    def _failed(self, kind: Kind, said: str) -> Failed:
        return Failed(kind, said=said, status=self.status, logid=self.logid, begun=True)


def address(base_url: str) -> SplitResult:
    """The parts of a base URL. Raises Misconfigured for what is none."""
    try:
        parts = urlsplit(base_url)
        _ = parts.port  # it is looked at late
    except ValueError:  # UnicodeError is one
        raise Misconfigured(NO_ADDRESS) from None
    if not parts.hostname:
        raise Misconfigured(NO_ADDRESS)
    return parts


class Wire:
    """The pool of connections to one host; it keeps no token and no cookie."""

    def __init__(self, base_url: str, pool: int, watchdog: Watchdog | None = None, egress: Egress = DIRECT) -> None:
        """`pool` is how many calls go on at once; `watchdog` is one that several share; `egress` is the way out."""
        self.root = base_url.rstrip("/")
        self._watchdog = watchdog or Watchdog()
        self._session = session(pool, egress)

    @contextmanager
    def post(
        self, path: str, token: str, body: Mapping[str, Any], deadline: Deadline, query: Mapping[str, str] | None = None
    ) -> Iterator[Exchange]:
        """Send it; the exchange, open as long as the block. Raises Failed."""
        with self._asked("POST", path, token, deadline, {"json": body, "params": query}) as exchange:
            yield exchange

    @contextmanager
    def get(
        self, path: str, token: str, deadline: Deadline, query: Mapping[str, str] | None = None
    ) -> Iterator[Exchange]:
        """Ask for it; the exchange, open as long as the block. Raises Failed."""
        with self._asked("GET", path, token, deadline, {"params": query}) as exchange:
            yield exchange

    @contextmanager
    def post_file(self, path: str, token: str, file: File, deadline: Deadline) -> Iterator[Exchange]:
        """Send a file as the form's field `file`; the exchange, open as long as the block. Raises Failed."""
        with self._asked("POST", path, token, deadline, {"files": {"file": (file.name, file.content)}}) as exchange:
            yield exchange

    @contextmanager
    def _asked(
        self, method: str, path: str, token: str, deadline: Deadline, said: Mapping[str, Any]
    ) -> Iterator[Exchange]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "text/event-stream, application/json",
            "User-Agent": "wecom-bot",
        }

        def send(wait: Any) -> requests.Response:  # noqa: ANN401 - requests takes urllib3's Timeout, its types do not
            return self._session.request(
                method,
                self.root + path,
                headers=headers,
                stream=True,
                timeout=wait,
                allow_redirects=False,  # a redirect would carry the token to a stranger
                **said,
            )

        with HardDeadline(self._watchdog, deadline) as limit, _sent(send, deadline, limit) as response:
            yield Exchange(response, deadline, limit)


def _sent(send: Callable[[Any], requests.Response], deadline: Deadline, limit: HardDeadline) -> requests.Response:
    left = deadline.left
    if not left:
        raise Failed(Kind.LATE, said="no time was left to ask")
    reached = True
    try:
        return _let_through(send(Timeout(connect=min(_CONNECT, left), read=left)))
    except ConnectTimeout:
        reached, failed = False, Failed(Kind.UNREACHABLE, said="no connection in time")
    except ReadTimeout:
        failed = Failed(Kind.LATE, said="no answer in time", begun=True)
    except SSLError as e:
        failed = _tls(e)
    except ValueError:
        failed = Failed(Kind.CONFIG, hint=NO_ADDRESS)
    except _BROKEN as e:
        proxy = trouble.untunnelled(e)
        advice = ways.advice(proxy.status) if proxy else None
        reached = proxy is None
        failed = Failed(Kind.CONFIG, hint=advice) if advice else Failed(Kind.UNREACHABLE, said=trouble.reason(e))
    if limit.passed and reached:  # what we cut looks broken
        failed = Failed(Kind.LATE, said="no answer in time", begun=True)
    raise failed


def _let_through(response: requests.Response) -> requests.Response:
    """Coze never answers so: it is a proxy that plain HTTP was handed to."""
    if response.status_code != ways.PROXY_WANTS_CREDENTIALS:
        return response
    response.close()
    raise Failed(Kind.CONFIG, hint=ways.advice(response.status_code) or "", status=response.status_code)


def _tls(problem: SSLError) -> Failed:
    if "CERTIFICATE_VERIFY_FAILED" not in str(problem):
        return Failed(Kind.UNREACHABLE, said=trouble.reason(problem))
    hint = "证书不受信任，请核对 base_url 与证书 / the certificate is not trusted: check the base_url"
    return Failed(Kind.CONFIG, hint=hint)
