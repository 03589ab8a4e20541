"""The one place where errors become statuses. The caller gets no detail; the log and the metric get the class.

WeCom takes 200 for success and repeats after anything else: a repeat is wanted when we could not store, and harmless
when we refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from wecom_bot.errors import (
    CallbackRefused,
    ChangedMeanwhile,
    InboxFull,
    InvalidInput,
    NotPermitted,
    RateLimited,
    TemporaryFailure,
    TenantOff,
    Unknown,
    WecomBotError,
)

_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, and the fixed word for the log and the metric."""

    status: int
    outcome: str
    retry_after: timedelta | None = None


_FIXED: Mapping[type[WecomBotError], Verdict] = {
    Unknown: Verdict(404, "unknown"),
    NotPermitted: Verdict(403, "forbidden"),
    InvalidInput: Verdict(422, "invalid"),
    ChangedMeanwhile: Verdict(409, "conflict"),
    TenantOff: Verdict(200, "off"),
}


def verdict(error: Exception) -> Verdict:  # noqa: PLR0911 - a line for each error is the table
    """What a caller is told of an error."""
    match error:
        case CallbackRefused(kind=kind):
            return Verdict(403 if kind in {"signature", "receive_id"} else 400, kind)
        case Unknown() | NotPermitted() | InvalidInput() | ChangedMeanwhile() | TenantOff():
            return next(told for kind, told in _FIXED.items() if isinstance(error, kind))
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


def headers(error: Exception, told: Verdict) -> tuple[tuple[str, str], ...]:
    """What the answer says beside its status."""
    more = []
    if told.retry_after is not None:
        more.append(("Retry-After", str(ceil(told.retry_after.total_seconds()))))
    if isinstance(error, HTTPException) and "Allow" in (said := dict(error.get_headers())):
        more.append(("Allow", said["Allow"]))
    return tuple(more)


def register(app: Flask) -> None:
    """Let the app answer every error in this way, those of its router included."""

    def answer(error: Exception) -> Response:
        told = verdict(error)
        return Response(status=told.status, mimetype="text/plain", headers=headers(error, told))

    app.register_error_handler(WecomBotError, answer)
    app.register_error_handler(HTTPException, answer)
