"""The envelope around what Coze answers: {"code", "msg", "data", "detail": {"logid"}}, and its many variants."""

import json
from collections.abc import Mapping
from typing import Any

from wecom_bot.adapters.coze.errors import Failed, clean
from wecom_bot.adapters.coze.wire import Exchange


def whole(exchange: Exchange, token: str) -> dict[str, Any]:
    """The JSON object that came, if all is well. Raises Failed.

    The status says little (Coze refuses with 200, too): the code is asked first.
    """
    body = exchange.body()
    found = parsed(body.decode("utf-8", "replace"))
    if not isinstance(found, dict):
        beginning = clean(body[:200].decode("utf-8", "replace"), token)
        raise Failed.refused(
            None, beginning, status=exchange.status, logid=exchange.logid, retry_after=exchange.retry_after
        )
    code = code_of(found)
    if code or exchange.status >= 300:  # noqa: PLR2004 - not a success
        raise Failed.refused(
            code,
            clean(said_by(found), token),
            status=exchange.status,
            logid=exchange.logid or logid_of(found),
            retry_after=exchange.retry_after,
        )
    return found


def parsed(text: str) -> object:
    """The value of a JSON text; None for what is none, or is too deep to read."""
    try:
        value: object = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value


def code_of(envelope: Mapping[str, Any]) -> int | None:
    """The error code: a number, or text (Studio); None where there is none, which means success."""
    code = envelope.get("code")
    try:
        return int(code) if isinstance(code, int | str) else None
    except ValueError:
        return None


def said_by(envelope: Mapping[str, Any]) -> str:
    """What it says about the code."""
    return next((str(envelope[key]) for key in ("msg", "message", "error_message") if envelope.get(key)), "")


def logid_of(envelope: Mapping[str, Any]) -> str:
    """The id that Coze's support asks for."""
    detail = envelope.get("detail")
    inner = detail.get("logid") if isinstance(detail, dict) else None
    return str(inner or envelope.get("logid") or "")
