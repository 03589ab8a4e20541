"""The one place where errors become statuses. The caller gets no detail; the log and the metric get the class.

WeCom takes 200 for success and repeats after anything else: a repeat is wanted when we could not store, and harmless
when we refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from wecom_bot.errors import (
    CallbackRefused,
    InboxFull,
    NotPermitted,
    RateLimited,
    TemporaryFailure,
    TenantOff,
    Unknown,
    WecomBotError,
)
from wecom_bot.telemetry import logs, metrics
from wecom_bot.telemetry.refusals import Refusals
from wecom_bot.web.limits import LONGEST_LOGGED

log = logs.get(__name__)

_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, and the fixed word for the log and the metric."""

    status: int
    outcome: str
    retry_after: timedelta | None = None


def verdict(error: Exception) -> Verdict:  # noqa: PLR0911 - a line for each error is the table
    """What a caller is told of an error."""
    match error:
        case CallbackRefused(kind=kind):
            return Verdict(403 if kind in {"signature", "receive_id"} else 400, kind)
        case Unknown():
            return Verdict(404, "unknown")
        case NotPermitted():
            return Verdict(403, "forbidden")
        case TenantOff():
            return Verdict(200, "off")
        case InboxFull():
            return Verdict(503, "inbox_full", _PAUSE)
        case RateLimited():
            return Verdict(503, "unavailable", error.retry_after)
        case TemporaryFailure():
            return Verdict(503, "unavailable", _PAUSE)
        case RequestEntityTooLarge():
            return Verdict(413, "too_large")
        case HTTPException(code=int(code)) if code < 500:  # noqa: PLR2004 - from here on it is our fault
            return Verdict(code, f"http_{code}")
        case _:
            return Verdict(500, "failed")


def register(app: Flask) -> None:
    """Let the app answer every error in this way, those of its router included."""
    refusals = Refusals(_tell)

    def answer(error: Exception) -> Response:
        told = verdict(error)
        if request.blueprint == "callback":
            metrics.CALLBACKS.labels(told.outcome).inc()
            if told.outcome == "off" or refusals.admit(told.outcome):
                _note(error, told)
        return _answer(error, told)

    app.register_error_handler(WecomBotError, answer)
    app.register_error_handler(HTTPException, answer)


def _tell(outcomes: Mapping[str, int]) -> None:
    log.warning("callback.refused_more", outcomes=outcomes)


def _answer(error: Exception, told: Verdict) -> Response:
    answer = Response(status=told.status, mimetype="text/plain")
    if told.retry_after is not None:
        answer.headers["Retry-After"] = str(ceil(told.retry_after.total_seconds()))
    if isinstance(error, HTTPException) and "Allow" in (headers := dict(error.get_headers())):
        answer.headers["Allow"] = headers["Allow"]
    return answer


def _note(error: Exception, told: Verdict) -> None:
    """One line for a callback that was not taken."""
    where = {name: str(value)[:LONGEST_LOGGED] for name, value in (request.view_args or {}).items()}
    where |= {"method": request.method[:LONGEST_LOGGED], "outcome": told.outcome}
    if told.outcome == "off":
        log.info("callback.off", **where)
    elif told.status < 500:  # noqa: PLR2004 - theirs below, ours from here on
        log.warning("callback.refused", **where)
    elif told.status == 503:  # noqa: PLR2004 - WeCom will bring it again
        log.warning("callback.put_off", **where, error=str(error))
    else:
        # a bug is logged whole by Flask; what we raised on purpose says which setting to change
        log.error("callback.failed", **where, error=str(error) if isinstance(error, WecomBotError) else "bug")
