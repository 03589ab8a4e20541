"""Where WeCom calls: one URL for each app of each tenant."""

from time import perf_counter

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from wecom_bot.domain.message import Callback, CorpId
from wecom_bot.errors import CallbackRefused
from wecom_bot.service.conversation.receive import Receive, Verify
from wecom_bot.telemetry import logs, metrics, trace
from wecom_bot.web.limits import MOST_BYTES, TOLD

log = logs.get(__name__)

_ACCEPTED, _VERIFIED = metrics.CALLBACKS.labels("accepted"), metrics.CALLBACKS.labels("verified")
_URL = "/callback/<corp_id>/<app>"
_PARTS = 3
_MOST_PARAMETERS = 16  # WeCom's queries have four; a thousand empty ones take longer to read than all the rest


def blueprint(receive: Receive, verify: Verify) -> Blueprint:
    """GET proves the URL to WeCom (page 90238); POST takes what WeCom delivers. Errors are `web/errors.py`'s."""
    routes = Blueprint("callback", __name__)

    @routes.get(_URL)
    def prove(corp_id: str, app: str) -> Response:
        began = perf_counter()
        echo = verify(CorpId(corp_id), app, _callback())
        _VERIFIED.inc()
        log.info("callback.verified", corp_id=corp_id, app=app, took_ms=_since(began))
        return Response(echo, mimetype="text/plain")  # bare: no quotes, no BOM, no newline

    @routes.post(_URL)
    def deliver(corp_id: str, app: str) -> Response:
        began = perf_counter()
        received = receive(CorpId(corp_id), app, _callback(_body()), trace.current())
        _ACCEPTED.inc()
        log.info("callback.accepted", corp_id=corp_id, app=app, jobs=received.new, took_ms=_since(began))
        request.environ[TOLD] = True
        return Response(received.body, mimetype="text/plain")

    return routes


def plain(path: str) -> str:
    """A callback's path without the slashes that are too many; every other path as it is.

    What comes out begins as what a proxy lets through: no path outside of /callback/ can be made so.
    """
    parts = [part for part in path.split("/") if part]
    is_ours = path.startswith("/") and len(parts) == _PARTS and parts[0] == "callback"
    return "/" + "/".join(parts) if is_ours else path


def _body() -> bytes:
    body: bytes = request.stream.read()
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    return body


def _callback(body: bytes | None = None) -> Callback:
    """Without a body it is the verification of a URL, whose sealed echo takes the body's place."""
    if request.query_string.count(b"&") >= _MOST_PARAMETERS:
        raise CallbackRefused("signature")
    query = request.args
    sealed = query.get("echostr", "").encode() if body is None else body
    return Callback(query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""), sealed)


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
