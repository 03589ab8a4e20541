"""One HTTP exchange with Coze or an intent service: pooled, within a hard deadline, whole or as it comes.

An error that leaves here has no cause, and names no URL and no header with its token.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from itertools import chain
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, urlencode, urlsplit

from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.errors import Misconfigured
from wecom_bot.outbound import egress as ways
from wecom_bot.outbound import trouble
from wecom_bot.outbound.deadline import Deadline, Watchdog
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.form import form
from wecom_bot.outbound.pool import HostPool
from wecom_bot.outbound.reply import OpenReply, Unanswered
from wecom_bot.outbound.usage import Usage

MOST_BYTES = 1024 * 1024

_CHUNK = 64 * 1024
_CONNECT = 3.0  # seconds
_DRAIN = timedelta(seconds=0.2)  # to wait for the end of what is over, so that the connection can be used again
NO_ADDRESS = "base_url 不是网址，请核对 / the base_url is no URL: check it"
UNTRUSTED = "证书不受信任，请核对 base_url 与证书 / the certificate is not trusted: check the base_url"
_STREAM_BEGINS = (b"event", b"data", b"id", b"retry", b":")
_ACCEPT = "text/event-stream, application/json"


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way out; Coze tells its kind by the name."""

    name: str
    content: bytes


class Exchange:
    """A request that was sent, and its answer as it comes, until the block ends. Raises Failed and nothing else."""

    def __init__(self, reply: OpenReply) -> None:
        headers = reply.headers
        self.status = reply.status
        self.logid = headers.get("X-Tt-Logid") or headers.get("X-Log-ID") or ""
        told = headers.get("Retry-After")
        self.retry_after = trouble.pause(told) if told else None
        self._reply = reply
        self._first = b""
        self._content_type = headers.get("Content-Type", "").lower()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._reply.close()

    def streams(self) -> bool:
        """Whether the answer is a stream of events: a refusal is JSON, whatever was asked for."""
        if self.status != HTTPStatus.OK:
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
                raise self._failed(FailureKind.BROKEN, "the answer does not end")
        return bytes(body)

    def drain(self) -> None:
        """Read on to the end if it is near: a connection that was left in the middle cannot be used again."""
        self._reply.finish(Deadline.after(_DRAIN))

    def _read(self) -> bytes:
        try:
            return self._reply.read(_CHUNK)
        except Unanswered as e:
            said = "the answer did not end in time" if e.late else str(e)
            failed = self._failed(FailureKind.LATE if e.late else FailureKind.BROKEN, said)
        raise failed

    def _failed(self, kind: FailureKind, said: str) -> Failed:
        return Failed(kind, said=said, status=self.status, logid=self.logid, begun=True)


def address(base_url: str) -> SplitResult:
    """The parts of a base URL. Raises Misconfigured for what is none."""
    try:
        parts = urlsplit(base_url)
        _ = parts.port  # it is looked at late
        known = parts.hostname and parts.hostname.encode("idna") and parts.scheme in {"http", "https"}
    except ValueError:  # UnicodeError is one
        known = False
    if not known:
        raise Misconfigured(NO_ADDRESS)
    return parts


class CozeWire:
    """The pool of connections to one host; it keeps no token and no cookie."""

    def __init__(
        self, base_url: str, pool: int, watchdog: Watchdog | None = None, egress: Egress = DIRECT, trusts: str = ""
    ) -> None:
        """`pool` is how many calls go on at once; `watchdog` is one that several share; `egress` is the way out.

        `trusts` is a file of certificates, where it is not those that everybody trusts. Raises Misconfigured.
        """
        address(base_url)
        self._pool = HostPool(base_url, pool, egress, watchdog, trusts)

    def post(
        self, path: str, token: str, body: Mapping[str, Any], deadline: Deadline, query: Mapping[str, str] | None = None
    ) -> Exchange:
        """Send it; the exchange, for a `with`. Raises Failed."""
        return self._asked(path, token, deadline, query, json.dumps(body).encode(), "application/json")

    def get(self, path: str, token: str, deadline: Deadline, query: Mapping[str, str] | None = None) -> Exchange:
        """Ask for it; the exchange, for a `with`. Raises Failed."""
        return self._asked(path, token, deadline, query)

    def post_file(self, path: str, token: str, file: File, deadline: Deadline) -> Exchange:
        """Send a file as the form's field `file`; the exchange, for a `with`. Raises Failed."""
        content, kind = form({"file": (file.name, file.content)})
        return self._asked(path, token, deadline, None, content, kind)

    def usage(self) -> Usage:
        """How the connections to this host are used."""
        return self._pool.usage()

    def close(self) -> None:
        """Hang up on the connections that are kept."""
        self._pool.close()

    def _asked(
        self,
        path: str,
        token: str,
        deadline: Deadline,
        query: Mapping[str, str] | None,
        content: bytes | None = None,
        kind: str = "",
    ) -> Exchange:
        headers = {"Authorization": f"Bearer {token}", "Accept": _ACCEPT}
        if content is not None:
            headers["Content-Type"] = kind
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            reply = self._pool.send(target, headers, content, deadline, _CONNECT)
        except Unanswered as e:
            failed = _unanswered(e)
        except ValueError:
            failed = Failed(FailureKind.CONFIG, hint=NO_ADDRESS)
        else:
            if reply.status != ways.PROXY_WANTS_CREDENTIALS:
                return Exchange(reply)
            reply.close()  # Coze never answers so: it is a proxy that plain HTTP was handed to
            failed = Failed(FailureKind.CONFIG, hint=ways.advice(reply.status) or "", status=reply.status)
        raise failed


def _unanswered(lost: Unanswered) -> Failed:
    if lost.advice:
        return Failed(FailureKind.CONFIG, hint=lost.advice)
    if lost.untrusted:
        return Failed(FailureKind.CONFIG, hint=UNTRUSTED)
    if lost.late:
        return Failed(FailureKind.LATE, said="no answer in time", begun=lost.sent)
    return Failed(FailureKind.UNREACHABLE, said=str(lost))
