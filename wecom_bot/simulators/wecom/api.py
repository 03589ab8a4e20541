"""WeCom's API under /cgi-bin/: one route, and a table of the calls that it knows."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import MethodNotAllowed, NotFound

from wecom_bot.simulators.wecom import app_calls, kf_calls, kf_lists, kf_sending, media_calls
from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.faults import WecomFaults
from wecom_bot.simulators.wecom.frequency import HOUR, MINUTE, Limit
from wecom_bot.simulators.wecom.news import News
from wecom_bot.simulators.wecom.refusals import WecomRefusal, refusal
from wecom_bot.simulators.wecom.world import WecomWorld

Call = Callable[[CallingApp, dict[str, Any]], dict[str, Any] | Response]
_GET, _POST = ("GET",), ("POST",)


def _query() -> dict[str, Any]:
    return request.args.to_dict()


def _json() -> dict[str, Any]:
    """What was posted. No Content-Type is as good as JSON's, and any other is refused. Raises WecomRefusal."""
    if request.mimetype and "json" not in request.mimetype:
        raise WecomRefusal(47001)
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as e:
        raise WecomRefusal(47001) from e
    if not isinstance(body, dict):
        raise WecomRefusal(47001)
    return body


def _page() -> dict[str, Any]:
    """A call that was once a GET without pages, and still may be."""
    return _json() if request.method == "POST" else {}


def _upload() -> dict[str, Any]:
    return {"type": request.args.get("type", ""), "media": request.files.get("media")}


def _download() -> dict[str, Any]:
    return {"media_id": request.args.get("media_id", ""), "range": request.headers.get("Range")}


CALLS: dict[str, tuple[tuple[str, ...], Callable[[], dict[str, Any]], Call]] = {
    "agent/get": (_GET, _query, app_calls.show),
    "getcallbackip": (_GET, _query, app_calls.get_callback_ip),
    "message/send": (_POST, _json, app_calls.send),
    "media/upload": (_POST, _upload, media_calls.upload),
    "media/get": (_GET, _download, media_calls.download),
    "kf/sync_msg": (_POST, _json, kf_calls.sync_msg),
    "kf/send_msg": (_POST, _json, kf_sending.send_msg),
    "kf/send_msg_on_event": (_POST, _json, kf_sending.send_msg_on_event),
    "kf/service_state/get": (_POST, _json, kf_calls.get_state),
    "kf/service_state/trans": (_POST, _json, kf_calls.trans_state),
    "kf/account/list": (_GET + _POST, _page, kf_lists.list_accounts),
    "kf/servicer/list": (_GET, _query, kf_lists.list_servicers),
    "kf/customer/batchget": (_POST, _json, kf_lists.get_customers),
}
"""Of each call the methods, how its request is read, and what it does."""


def blueprint(world: WecomWorld, faults: WecomFaults, news: News) -> Blueprint:
    """The API of this world, with these faults."""
    pages = Blueprint("cgi-bin", __name__)

    def performed(api: str) -> Response:
        with world.lock:
            return _performed(world, news, api)

    @pages.route("/cgi-bin/<path:api>", methods=["GET", "POST"])
    def call(api: str) -> Response:
        _exists(api)
        with world.lock:
            corp_id = _caller(world, api)
        with world.crowd.entered((corp_id, api)) as at_once:
            if 0 < world.modes.max_concurrent < at_once:
                answer, outcome = _refused(45033), ""
            elif (fault := faults.take(api, corp_id)) is None:
                answer, outcome = performed(api), ""
            else:
                answer, outcome = faults.apply(fault, lambda: performed(api), _refused)
        with world.lock:
            world.calls[api, corp_id, outcome or answer.headers["Error-Code"]] += 1
        return answer

    return pages


def _exists(api: str) -> None:
    """Raises the HTTP error of a call that is not in the table."""
    methods = _GET if api == "gettoken" else CALLS.get(api, ((), None, None))[0]
    if not methods:
        raise NotFound
    if request.method not in methods:
        raise MethodNotAllowed(list(methods))


def _caller(world: WecomWorld, api: str) -> str:
    """The corp that calls, as far as can be told without believing it."""
    if api == "gettoken":
        corp_id = request.args.get("corpid", "")
        return corp_id if corp_id in world.corps else ""
    return world.tokens.corp_of(request.args.get("access_token", ""))


def _performed(world: WecomWorld, news: News, api: str) -> Response:
    try:
        if api == "gettoken":
            return _answer({"errcode": 0, "errmsg": "ok"} | _get_token(world))
        grant = world.tokens.check(request.args.get("access_token", ""))
        _count(world, grant.corp_id, api)
        _, read, perform = CALLS[api]
        answer = perform(CallingApp(world, news, grant), read())
        return _answer({"errcode": 0, "errmsg": "ok"} | answer) if isinstance(answer, dict) else _file(answer)
    except WecomRefusal as e:
        return _refused(e.errcode, e.detail)
    except ValidationError as e:
        return _refused(40058, ".".join(map(str, e.errors()[0]["loc"])))


def _get_token(world: WecomWorld) -> dict[str, Any]:
    """An app's token for its secret. Raises WecomRefusal."""
    corp_id, secret = request.args.get("corpid", ""), request.args.get("corpsecret", "")
    address, now, most_wrong = request.remote_addr or "", world.clock.now(), world.modes.wrong_secrets
    world.wrong_secrets.check(address, now)
    if not corp_id:
        raise WecomRefusal(41002)
    if not secret:
        raise WecomRefusal(41004)
    if corp_id not in world.corps:
        raise WecomRefusal(40013)
    _count(world, corp_id, "gettoken")
    for app in world.corps[corp_id].apps.values():
        if app.spec.secret == secret:
            token, life = world.tokens.issue(corp_id, app.spec.name, secret, world.modes.token_life)
            return {"access_token": token, "expires_in": life}
    if most_wrong:
        world.wrong_secrets.count(address, now, Limit(most_wrong, HOUR, HOUR))
    raise WecomRefusal(40001)


def _count(world: WecomWorld, corp_id: str, api: str) -> None:
    """Hold the call against the limits of one API for one corp. Raises WecomRefusal."""
    modes, now = world.modes, world.clock.now()
    a_minute = Limit(modes.api_per_minute, MINUTE, modes.block_seconds or MINUTE)
    an_hour = Limit(modes.api_per_hour, HOUR, modes.block_seconds or HOUR)
    world.frequency.count((corp_id, api), now, a_minute, an_hour)


def _refused(errcode: int, detail: str = "") -> Response:
    return _answer(refusal(errcode, request.remote_addr or "", detail))


def _answer(body: dict[str, Any]) -> Response:
    answer = Response(json.dumps(body, ensure_ascii=False), content_type="application/json; charset=UTF-8")
    answer.headers["Error-Code"] = str(body["errcode"])
    return answer


def _file(answer: Response) -> Response:
    answer.headers["Error-Code"] = "0"
    return answer
