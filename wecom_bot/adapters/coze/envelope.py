"""The envelope around what Coze answers: {"code", "msg", "data", "detail": {"logid"}}, and its many variants."""

import json
import re
from collections.abc import Mapping
from typing import Any

from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.wire import Exchange

_HALF = re.compile("[\ud800-\udfff]")
_SPELLED = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")  # where there is none in a JSON text, its value has none
_DECODER = json.JSONDecoder(strict=False)


def whole(exchange: Exchange) -> dict[str, Any]:
    """The JSON object that came, if all is well. Raises Failed.

    The status says little (Coze refuses with 200, too): the code is asked first.
    """
    body = exchange.body()
    found = parsed(body.decode("utf-8", "replace"))
    if not isinstance(found, dict):
        raise Failed.refused(None, status=exchange.status, logid=exchange.logid, retry_after=exchange.retry_after)
    code = code_of(found)
    if code or exchange.status >= 300:  # noqa: PLR2004 - not a success
        raise Failed.refused(
            code,
            status=exchange.status,
            logid=exchange.logid or logid_of(found),
            retry_after=exchange.retry_after,
        )
    return found


def parsed(text: str) -> object:
    """The value of a JSON text; None for what is none, or is too deep to read."""
    try:
        found: object = _DECODER.decode(text)
        return scrubbed(found) if _SPELLED.search(text) else found
    except (ValueError, RecursionError):
        return None


def scrubbed(value: object) -> object:
    """The value of a JSON text with no halves of characters, which JSON can spell and no store can keep."""
    try:
        spelled = json.dumps(value, ensure_ascii=False)
        clean_value: object = json.loads(_HALF.sub("\ufffd", spelled)) if _HALF.search(spelled) else value
    except (ValueError, RecursionError):
        return None
    return clean_value


def code_of(envelope: Mapping[str, Any]) -> int | None:
    """The error code: a number, or text (Studio); None where there is none, which means success."""
    code = envelope.get("code")
    try:
        return int(code) if isinstance(code, int | str) else None
    except ValueError:
        return None


def logid_of(envelope: Mapping[str, Any]) -> str:
    """The id that Coze's support asks for."""
    detail = envelope.get("detail")
    inner = detail.get("logid") if isinstance(detail, dict) else None
    return str(inner or envelope.get("logid") or "")
