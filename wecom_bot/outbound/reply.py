"""What became of a request: an answer as it comes, or none."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from socket import socket
from types import TracebackType
from typing import Protocol, Self

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from wecom_bot.outbound import egress, trouble
from wecom_bot.outbound.connections import NotTunnelled
from wecom_bot.outbound.deadline import Deadline, HardDeadline
from wecom_bot.outbound.head import PromptResponse
from wecom_bot.outbound.line import OpenLine


class LetGo(Protocol):
    """Who takes a connection back, be it to use it again where it is `good`."""

    def __call__(self, line: OpenLine, *, good: bool) -> None: ...


PROBLEMS = (OSError, HTTPException, HTTPError, ValueError)
"""What a connection may raise."""

_UNREACHED = (NewConnectionError, ConnectTimeoutError)
_LATE = (TimeoutError, ReadTimeoutError)
_CHUNK = 64 * 1024
_LAST_CHUNK = b"0\r\n\r\n"


class Unanswered(Exception):
    """There is no answer, or no end of it. Names no URL and no header, which may hold a token; it has no cause.

    `sent` is whether the neighbour may have seen the request, `late` whether the deadline passed (not: before there was
    a connection). Where the proxy on the way out refused, `status` is its answer and `advice` what to do.
    """

    def __init__(self, reason: str, *, sent: bool, late: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent
        self.late = late
        self.unreached = False
        self.untrusted = False
        self.status: int | None = None
        self.advice: str | None = None

    @classmethod
    def of(cls, problem: BaseException, *, sent: bool, late: bool) -> "Unanswered":
        """What this problem makes of an exchange; `late` is whether it was cut."""
        unreached = isinstance(problem, _UNREACHED)
        late = not unreached and (late or isinstance(problem, _LATE))
        made = cls(trouble.reason(problem), sent=sent and not unreached, late=late)
        made.unreached = unreached
        made.untrusted = "CERTIFICATE_VERIFY_FAILED" in str(problem)
        if isinstance(problem, NotTunnelled):
            made.status, made.advice = problem.status, egress.advice(problem.status)
        return made


def answered(line: socket, method: str = "") -> HTTPResponse:
    """The answer, whose head has come; to a HEAD there is no more of it.

    What is said before it (103 Early Hints, say) is passed over: http.client does so with 100 alone, and would leave
    the answer on the connection, to whoever asks next.
    """
    response = PromptResponse(line, method=method or None)
    response.begin()
    while response.status < HTTPStatus.OK:
        response.headers = None  # type: ignore[assignment] # or it would not begin again
        response.begin()
    return response


class OpenReply:
    """An answer whose head has come; whoever has it closes it. Reading it raises Unanswered and nothing else."""

    def __init__(
        self,
        response: HTTPResponse,
        line: OpenLine,
        limit: HardDeadline,
        deadline: Deadline,
        let_go: LetGo,
    ) -> None:
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._read1: Callable[[int], bytes] = response.read1
        self._line = line
        self._limit = limit
        self._deadline = deadline
        self._let_go: LetGo | None = let_go
        self._over = self._broken = False
        self._measured = response.length is not None  # then its end is known without asking for more
        if response.headers.get("Content-Encoding"):
            decoding = urllib3.HTTPResponse(response, dict(response.headers), preload_content=False)
            self._read1 = partial(decoding.read1, decode_content=True)
            self._measured = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, most: int) -> bytes:
        """What is there, and at least a byte of it; nothing at the end."""
        if self._over:
            return b""
        if self._broken:  # http.client takes a chunk that is none for the end, when it is asked again
            raise self._lost("the answer broke off")
        if not (left := self._deadline.left):
            raise self._lost("the time is over", late=True)
        try:
            self._line.socket.settimeout(left)  # or it would wait as long as at first, between two bytes
            piece = self._read1(most)
            if not piece and self._response.length:
                raise IncompleteRead(b"", self._response.length)
        except PROBLEMS as e:
            self._broken = True
            failed = Unanswered.of(e, sent=True, late=self._limit.passed)
        else:
            if piece:
                return piece
            if not self._limit.passed:
                self._over = True
                self._limit.call_off()
                return b""
            failed = self._lost("the answer was cut", late=True)
        raise failed

    def whole(self, most: int) -> bytes:
        """All of it, which may not be more than `most`."""
        body = bytearray(self.read(_CHUNK))
        while len(body) <= most:
            if self._ended() or not (piece := self.read(_CHUNK)):
                return bytes(body)
            body += piece
        raise self._lost("the answer does not end")

    def finish(self, within: Deadline) -> None:
        """Read on to the end if it is near: a connection that was left in the middle cannot be used again."""
        if not self._ends_at_hand():
            self._deadline = Deadline(min(within.end, self._deadline.end))
            self._limit.shorten(self._deadline)
        try:
            while self.read(_CHUNK):
                pass
        except Unanswered:
            return

    def close(self) -> None:
        """Leave it; the connection is kept if the answer has come to its end."""
        self._limit.call_off()
        self._response.close()
        let_go, self._let_go = self._let_go, None
        if let_go:
            let_go(self._line, good=self._ended() and not self._response.will_close and not self._limit.passed)

    def _ended(self) -> bool:
        return self._over or (self._measured and self._response.length == 0)

    def _ends_at_hand(self) -> bool:
        """Whether its end has come, so that no time limit is needed to read it."""
        stream = self._response.fp
        if stream is None:
            return True
        try:
            self._line.socket.settimeout(0)
            return bool(stream.peek().endswith(_LAST_CHUNK))
        except OSError:
            return False

    def _lost(self, reason: str, *, late: bool = False) -> Unanswered:
        return Unanswered(reason, sent=True, late=late)
