"""Where WeCom calls: one URL for each app of each tenant.

It is answered ahead of Flask, whose routing and contexts cost more than opening a callback and storing its jobs.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import parse_qsl

from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from wecom_bot.domain.message import Callback, CorpId
from wecom_bot.errors import CallbackRefused, WecomBotError
from wecom_bot.service.conversation.receive import Receive, Verify
from wecom_bot.telemetry import logs, metrics, trace
from wecom_bot.telemetry.refusals import Refusals
from wecom_bot.web.answer import HttpAnswer
from wecom_bot.web.errors import Verdict, headers, verdict
from wecom_bot.web.limits import LONGEST_LOGGED, MOST_BYTES

log = logs.get(__name__)

_ACCEPTED, _VERIFIED = metrics.CALLBACKS.labels("accepted"), metrics.CALLBACKS.labels("verified")
_PARTS = 3
_MOST_PARAMETERS = 16  # WeCom's queries have four; a thousand empty ones take longer to read than all the rest


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose URL was called: an app of a tenant, as it stands in the path."""

    corp_id: CorpId
    app: str


@dataclass(frozen=True, slots=True)
class Called:
    """A request as it came, whoever read it from the wire; `body` reads it, and may raise an HTTPException."""

    method: str
    query: str
    trace_id: str | None
    body: Callable[[], bytes]


def addressee_of(path: str) -> Addressee | None:
    """Whose callback's path this is (as a WSGI environment has it); None for any other.

    People write slashes too many: `//callback/corp/app` and `/callback/corp/app/` mean the URL that they are taken
    for. It begins as what a proxy lets through: no path outside of /callback/ can be made so.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) != _PARTS or parts[0] != "callback" or not path.startswith("/"):
        return None
    _, corp_id, app = parts if path.isascii() else map(_text, parts)
    return Addressee(CorpId(corp_id), app)


class CallbackDoor:
    """GET proves the URL to WeCom (page 90238); POST takes what WeCom delivers. Errors are `web/errors.py`'s."""

    def __init__(self, receive: Receive, verify: Verify) -> None:
        self._receive, self._verify = receive, verify
        self._refusals = Refusals(_tell)

    def __call__(self, addressee: Addressee, called: Called) -> HttpAnswer:
        """The answer, whatever comes of it."""
        trace_id = trace.accept(called.trace_id)
        trace.bind(trace_id)
        try:
            answer = self._act(addressee, called)
        except (WecomBotError, HTTPException) as e:
            answer = self._refusal(addressee, called, e)
        except Exception as e:
            # the caller gets its 500 and brings it again; whoever mends it, the traceback
            logging.getLogger(__name__).exception("Exception in a callback")
            answer = self._refusal(addressee, called, e)
        return answer.traced(trace_id)

    def _act(self, addressee: Addressee, called: Called) -> HttpAnswer:
        began = perf_counter()
        match called.method:
            case "POST":
                callback = _callback(called, _body(called))
                received = self._receive(addressee.corp_id, addressee.app, callback, trace.current())
                _ACCEPTED.inc()
                new, took = received.new, _since(began)
                log.info("callback.accepted", corp_id=addressee.corp_id, app=addressee.app, jobs=new, took_ms=took)
                return HttpAnswer(200, received.body, told=True)
            case "GET":
                echo = self._verify(addressee.corp_id, addressee.app, _callback(called))
                _VERIFIED.inc()
                log.info("callback.verified", corp_id=addressee.corp_id, app=addressee.app, took_ms=_since(began))
                return HttpAnswer(200, echo)  # bare: no quotes, no BOM, no newline
            case _:
                raise MethodNotAllowed(["GET", "POST"])

    def _refusal(self, addressee: Addressee, called: Called, error: Exception) -> HttpAnswer:
        told = verdict(error)
        metrics.CALLBACKS.labels(told.outcome).inc()
        if told.outcome == "off" or self._refusals.admit(told.outcome):
            _note(addressee, called.method, error, told)
        return HttpAnswer(told.status, headers=headers(error, told))


def _tell(outcomes: Mapping[str, int]) -> None:
    log.warning("callback.refused_more", outcomes=outcomes)


def _note(addressee: Addressee, method: str, error: Exception, told: Verdict) -> None:
    """One line for a callback that was not taken."""
    where = {"corp_id": addressee.corp_id[:LONGEST_LOGGED], "app": addressee.app[:LONGEST_LOGGED]}
    where |= {"method": method[:LONGEST_LOGGED], "outcome": told.outcome}
    if told.outcome == "off":
        log.info("callback.off", **where)
    elif told.status < 500:  # noqa: PLR2004 - theirs below, ours from here on
        log.warning("callback.refused", **where)
    elif told.status == 503:  # noqa: PLR2004 - WeCom will bring it again
        log.warning("callback.put_off", **where, error=str(error))
    else:
        # the traceback of a bug has a line of its own; what we raised on purpose says which setting to change
        log.error("callback.failed", **where, error=str(error) if isinstance(error, WecomBotError) else "bug")


def _body(called: Called) -> bytes:
    body = called.body()
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    return body


def _callback(called: Called, body: bytes | None = None) -> Callback:
    """Without a body it is the verification of a URL, whose sealed echo takes the body's addressee."""
    if called.query.count("&") >= _MOST_PARAMETERS:
        raise CallbackRefused("signature")
    given = parse_qsl(called.query, keep_blank_values=True, errors="replace")
    query = dict(reversed(given))  # the first of those with one name
    sealed = query.get("echostr", "").encode() if body is None else body
    return Callback(query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""), sealed)


def _text(part: str) -> str:
    """A part of a WSGI environment's path, whose characters are bytes."""
    return part.encode("latin-1").decode("utf-8", "replace")


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
