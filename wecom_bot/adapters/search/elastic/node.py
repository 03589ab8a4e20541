"""How the official client calls out: by the house's kept connections, cut when the time of the whole call is over."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import ClassVar

from elastic_transport import (
    ApiResponseMeta,
    BaseNode,
    ConnectionError,  # noqa: A004 - the client's own, and what it retries on another node
    ConnectionTimeout,
    HttpHeaders,
    NodeConfig,
    TlsError,
    TransportError,
)
from elastic_transport._node import NodeApiResponse
from elastic_transport.client_utils import DEFAULT, DefaultType

from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.pool import HostPool
from wecom_bot.outbound.reply import Unanswered
from wecom_bot.outbound.usage import Usage

_CONNECT = 3.0  # seconds
_LONGEST = 30.0  # of a call that says nothing of its time
_MOST_BYTES = 256 * 1024 * 1024
_OURS = {"host", "user-agent", "connection", "accept-encoding", "content-length"}

_deadline: ContextVar[Deadline | None] = ContextVar("search_deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """What is called in this block, on however many nodes, ends by then."""
    outer = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(outer)


class PooledNode(BaseNode):
    """A node of the cluster behind a pool of connections, for greenlets and for threads."""

    _CLIENT_META_HTTP_CLIENT: ClassVar[tuple[str, str]] = ("wb", "1.0")

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._calls = HostPool(self.base_url, config.connections_per_node, trusts=str(config.ca_certs or ""))

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        """As BaseNode has it. Raises ConnectionTimeout, TlsError, ConnectionError."""
        began = time.monotonic()
        deadline = _deadline.get() or _by(request_timeout, self.config)
        told = {name: value for name, value in {**self._headers, **(headers or {})}.items() if name not in _OURS}
        try:
            with self._calls.send(target, told, body, deadline, _CONNECT, method) as reply:
                answer = reply.whole(_MOST_BYTES)
        except Unanswered as e:
            failed = _failed(e)
        else:
            meta = ApiResponseMeta(
                node=self.config,
                duration=time.monotonic() - began,
                http_version="1.1",
                status=reply.status,
                headers=HttpHeaders(reply.headers.items()),
            )
            return NodeApiResponse(meta, answer)
        raise failed

    def usage(self) -> Usage:
        """How the connections to this node are used."""
        return self._calls.usage()

    def close(self) -> None:
        """Hang up."""
        self._calls.close()


def _by(timeout: DefaultType | float | None, config: NodeConfig) -> Deadline:
    given = timeout if isinstance(timeout, int | float) else config.request_timeout
    return Deadline.after(timedelta(seconds=given if given is not None else _LONGEST))


def _failed(lost: Unanswered) -> TransportError:
    """As the client has it: it asks another node, unless the time is over or the certificate is wrong."""
    if lost.untrusted:
        return TlsError(str(lost))
    if lost.late:
        return ConnectionTimeout(str(lost))
    return ConnectionError(str(lost))
