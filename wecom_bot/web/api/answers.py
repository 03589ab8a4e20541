"""How the API says what went wrong: {"error": {"code": ..., "message": ...}}, under the door's own statuses."""

from math import ceil

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from wecom_bot.errors import ChangedMeanwhile, InvalidInput, NotPermitted, Unknown, WecomBotError
from wecom_bot.telemetry import logs
from wecom_bot.web.errors import verdict
from wecom_bot.web.limits import MOST_BYTES

log = logs.get(__name__)

_TO_WRITE = "令牌要能改，网关得设 / for a token that writes the gateway needs WECOM_BOT_API_WRITES=true"
_TOO_LARGE = f"正文最多 {MOST_BYTES >> 10} KB / the body has {MOST_BYTES >> 10} KB at most"
_CODES = {401: "unauthorized", 403: "forbidden", 422: "invalid"}


def register(routes: Blueprint) -> None:
    """Let these routes answer every error in this way."""
    routes.register_error_handler(WecomBotError, _answer)
    routes.register_error_handler(HTTPException, _answer)


def _answer(error: Exception) -> Response:
    told = verdict(error)
    answer = jsonify(error={"code": _CODES.get(told.status, told.outcome), "message": _message(error, told.status)})
    answer.status_code = told.status
    if told.retry_after is not None:
        answer.headers["Retry-After"] = str(ceil(told.retry_after.total_seconds()))
    if isinstance(error, HTTPException):
        answer.headers.extend([(name, value) for name, value in error.get_headers() if name == "WWW-Authenticate"])
    if told.status >= 500:  # noqa: PLR2004 - from here on it is ours, and an operator's to read
        log.warning("api.failed", outcome=told.outcome, error=str(error) if isinstance(error, WecomBotError) else "bug")
    return answer


def _message(error: Exception, status: int) -> str:
    """What the caller may know: what they asked for in vain, or wrote wrongly; of our own troubles nothing."""
    if isinstance(error, NotPermitted):
        return f"{error}；{_TO_WRITE}"
    if isinstance(error, Unknown | InvalidInput | ChangedMeanwhile):
        return str(error)
    if status == 503:  # noqa: PLR2004 - the one that passes
        return "暂时无法查询，请稍后再试 / not available now, try again later"
    if isinstance(error, RequestEntityTooLarge):
        return _TOO_LARGE
    if isinstance(error, HTTPException) and status < 500:  # noqa: PLR2004 - theirs
        return error.description or ""
    return "内部错误 / internal error"
