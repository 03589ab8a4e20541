"""One HTTP exchange with WeCom: pooled, within a deadline, and every way in which it can fail told apart.

An error that leaves here has no cause: what requests raises names the URL in its text, and the URL holds the token.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import requests
from requests.exceptions import ConnectionError as BrokenConnection
from requests.exceptions import ReadTimeout, SSLError
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ProxyError

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.errors import Misconfigured, OutcomeUnknown, RateLimited, TemporaryFailure, WecomBotError
from wecom_bot.outbound import egress as ways
from wecom_bot.outbound import trouble
from wecom_bot.outbound.deadline import Deadline, HardDeadline, Watchdog
from wecom_bot.outbound.egress import Egress
from wecom_bot.outbound.session import DIRECT, session
from wecom_bot.telemetry import metrics

MOST_BYTES = 32 * 1024 * 1024  # a page of 1000 messages, or a file of 20 MB, and some

SHOWS = frozenset({"kf/send_msg", "kf/send_msg_on_event", "message/send"})
"""The calls that show something to somebody: only with these does it matter whether a lost one was done."""

_CHUNK = 64 * 1024
_NOT_SENT = (NewConnectionError, ConnectTimeoutError, ProxyError)
_PERHAPS_SENT = (ReadTimeout, BrokenConnection, SSLError, HTTPError)


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    api: str
    status: int
    is_file: bool
    body: bytes
    retry_after: timedelta | None = None

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """The JSON object in the body, if it is one and no file."""
        if self.is_file:
            return None
        try:
            # lenient on purpose: one broken character in one message must not close an account's whole page
            found = json.loads(self.body.decode("utf-8", "replace"), strict=False)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def code(self) -> int:
        """WeCom's errcode; some calls leave it out when all is well."""
        try:
            return int((self.result or {}).get("errcode") or 0)
        except (TypeError, ValueError):
            return 0

    @property
    def errmsg(self) -> str:
        """WeCom's errmsg: for logs, never for decisions or customers."""
        return str((self.result or {}).get("errmsg", ""))


class _NoAnswer(Exception):
    """The exchange failed; `sent` is whether WeCom may have seen the request."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Wire:
    """The pool of connections to WeCom, shared by all apps of a process; it keeps no token and no cookie."""

    def __init__(self, base_url: str, timeout: timedelta, pool: int, egress: Egress = DIRECT) -> None:
        """`timeout` is for a whole exchange, from connecting to the last byte; `pool` is how many go on at once."""
        self.root = f"{base_url.rstrip('/')}/cgi-bin/"
        self.timeout = timeout
        self._watchdog = Watchdog()
        self._session = session(pool, egress)

    def prepare(self, method: str, api: str, **body: Any) -> requests.PreparedRequest:  # noqa: ANN401 - as requests has it
        """A request without its query, which can go out more than once: a file in it is read now."""
        return self._session.prepare_request(requests.Request(method.upper(), self.root + api, **body))

    def ask(
        self, api: str, request: requests.PreparedRequest, query: Mapping[str, Any], *, file: bool = False
    ) -> Answer:
        """Send the request with this query; what WeCom's API answered, be it a refusal.

        `file` allows an answer that is no JSON. Raises OutcomeUnknown where WeCom may have shown it, else
        TemporaryFailure, or RateLimited where we were told to pause; Misconfigured where a proxy lets us not through.
        """
        try:
            answer = self._exchange(api, request, query)
        except _NoAnswer as e:
            lost = e
        else:
            if answer.status == requests.codes.ok and (answer.result is not None or file):
                _count(api, str(answer.code) if answer.code else "ok")
                return answer
            _count(api, f"http_{answer.status}" if answer.status != requests.codes.ok else "not_json")
            raise _not_wecom(answer)
        _count(api, "no_answer")
        if api in SHOWS and lost.sent:
            raise OutcomeUnknown(f"{api} was sent and WeCom did not answer: {lost}")
        raise TemporaryFailure(f"WeCom did not answer {api}: {lost}")

    def _exchange(self, api: str, request: requests.PreparedRequest, query: Mapping[str, Any]) -> Answer:
        request.prepare_url(self.root + api, query)
        try:
            return self._send_and_read(api, request)
        except (requests.RequestException, HTTPError) as e:
            failure: Exception = _NoAnswer(trouble.reason(e), sent=_may_have_been_sent(e))
            if (proxy := trouble.untunnelled(e)) and (advice := ways.advice(proxy.status)):
                failure = Misconfigured(f"WeCom cannot be reached: {advice}", proxy.status)
        raise failure

    def _send_and_read(self, api: str, request: requests.PreparedRequest) -> Answer:
        wait: Any = Timeout(self.timeout.total_seconds())  # requests' stubs do not know that it may be one
        with (
            HardDeadline(self._watchdog, Deadline.after(self.timeout)) as limit,
            # a redirect would carry the token to a stranger
            self._session.send(request, stream=True, timeout=wait, allow_redirects=False) as response,
        ):
            body = bytearray()
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _NoAnswer("the answer does not end", sent=True)
            if limit.passed:
                raise _NoAnswer("the answer did not end in time", sent=True)
            is_file = "Content-Disposition" in response.headers
            pause = trouble.pause(response.headers.get("Retry-After", ""))
            return Answer(api, response.status_code, is_file, bytes(body), pause)


def _count(api: str, outcome: str) -> None:
    metrics.WECOM_CALLS.labels(api=api, outcome=outcome).inc()


def _not_wecom(answer: Answer) -> WecomBotError:
    """The error for an answer that is not the API's: a gateway's page, a failure, a limit."""
    if answer.status == ways.PROXY_WANTS_CREDENTIALS:
        return Misconfigured(f"WeCom cannot be reached: {ways.advice(answer.status)}", answer.status)
    what = f"{answer.api} was answered with HTTP {answer.status} and no result"
    if answer.status == requests.codes.too_many_requests:
        return RateLimited(what, answer.retry_after or limits.BLOCK)
    # a redirect or a refusal let nothing through; who answered otherwise may have
    if answer.api in SHOWS and not 300 <= answer.status < 500:  # noqa: PLR2004 - classes of HTTP statuses
        return OutcomeUnknown(what, answer.retry_after)
    return RateLimited(what, answer.retry_after) if answer.retry_after else TemporaryFailure(what)


def _may_have_been_sent(problem: Exception) -> bool:
    cause = problem.args[0] if problem.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, _NOT_SENT):
        return False
    if isinstance(problem, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(cause):
        return False
    return isinstance(problem, _PERHAPS_SENT)
