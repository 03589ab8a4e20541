"""One HTTP exchange with WeCom: pooled, within a hard deadline, and every way in which it can fail told apart.

An error that leaves here has no cause, and names no URL: it holds the token.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from prometheus_client import Counter

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.errors import Misconfigured, OutcomeUnknown, RateLimited, TemporaryFailure, WecomBotError
from wecom_bot.outbound import egress as ways
from wecom_bot.outbound import trouble
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.pool import HostPool
from wecom_bot.outbound.reply import Unanswered
from wecom_bot.outbound.usage import Usage
from wecom_bot.telemetry import metrics

MOST_BYTES = 32 * 1024 * 1024  # a page of 1000 messages, or a file of 20 MB, and some

SHOWS = frozenset({"kf/send_msg", "kf/send_msg_on_event", "message/send"})
"""The calls that show something to somebody: only with these does it matter whether a lost one was done."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is posted, as it goes out at every try."""

    content: bytes
    kind: str = "application/json"


@dataclass(frozen=True)
class WecomAnswer:
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


class WecomWire:
    """The pool of connections to WeCom, shared by all apps of a process; it keeps no token and no cookie."""

    def __init__(self, base_url: str, timeout: timedelta, pool: int, egress: Egress = DIRECT, trusts: str = "") -> None:
        """`timeout` is for a whole exchange, from connecting to the last byte; `pool` is how many go on at once.

        `trusts` is a file of certificates, where it is not those that everybody trusts.
        """
        self.timeout = timeout
        self._pool = HostPool(f"{base_url.rstrip('/')}/cgi-bin", pool, egress, trusts=trusts)

    def usage(self) -> Usage:
        """How the connections to WeCom are used."""
        return self._pool.usage()

    def ask(self, api: str, query: Mapping[str, Any], body: Body | None = None, *, file: bool = False) -> WecomAnswer:
        """Send the body, or ask without one; what WeCom's API answered, be it a refusal.

        `file` allows an answer that is no JSON. Raises OutcomeUnknown where WeCom may have shown it, else
        TemporaryFailure, or RateLimited where we were told to pause; Misconfigured where a proxy lets us not through.
        """
        kind = {"Accept": "*/*"} if body is None else {"Accept": "*/*", "Content-Type": body.kind}
        content, target = body.content if body else None, f"/{api}?{urlencode(query)}"
        try:
            with self._pool.send(target, kind, content, Deadline.after(self.timeout)) as reply:
                found = reply.whole(MOST_BYTES)
                told = reply.headers.get("Retry-After")
                pause = trouble.pause(told) if told else None
                answer = WecomAnswer(api, reply.status, "Content-Disposition" in reply.headers, found, pause)
        except Unanswered as e:
            failed = _lost(api, e)
        else:
            if answer.status == HTTPStatus.OK and (answer.result is not None or file):
                _count(api, str(answer.code) if answer.code else "ok")
                return answer
            _count(api, f"http_{answer.status}" if answer.status != HTTPStatus.OK else "not_json")
            failed = _not_wecom(answer)
        raise failed


def _lost(api: str, lost: Unanswered) -> WecomBotError:
    """The error for an exchange without an answer."""
    if lost.advice:
        return Misconfigured(f"WeCom cannot be reached: {lost.advice}", lost.status)
    _count(api, "no_answer")
    if api in SHOWS and lost.sent:
        return OutcomeUnknown(f"{api} was sent and WeCom did not answer: {lost}")
    return TemporaryFailure(f"WeCom did not answer {api}: {lost}")


def _count(api: str, outcome: str) -> None:
    _counter(api, outcome).inc()


@lru_cache(maxsize=1024)
def _counter(api: str, outcome: str) -> Counter:
    return metrics.WECOM_CALLS.labels(api, outcome)  # it looks for it anew at each call


def _not_wecom(answer: WecomAnswer) -> WecomBotError:
    """The error for an answer that is not the API's: a gateway's page, a failure, a limit."""
    if answer.status == ways.PROXY_WANTS_CREDENTIALS:
        return Misconfigured(f"WeCom cannot be reached: {ways.advice(answer.status)}", answer.status)
    what = f"{answer.api} was answered with HTTP {answer.status} and no result"
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(what, answer.retry_after or limits.BLOCK)
    # a redirect or a refusal let nothing through; who answered otherwise may have
    if answer.api in SHOWS and not 300 <= answer.status < 500:  # noqa: PLR2004 - classes of HTTP statuses
        return OutcomeUnknown(what, answer.retry_after)
    return RateLimited(what, answer.retry_after) if answer.retry_after else TemporaryFailure(what)
