"""WeCom's API under /cgi-bin/: one route, and a table of the calls that it knows."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import MethodNotAllowed, NotFound

from wecom_bot.simulators.wecom import app_calls, kf_calls
from wecom_bot.simulators.wecom.faults import Faults
from wecom_bot.simulators.wecom.refusals import ApiError, refusal
from wecom_bot.simulators.wecom.tokens import Grant
from wecom_bot.simulators.wecom.world import World

Call = Callable[[World, Grant, dict[str, Any]], dict[str, Any]]

CALLS: dict[str, tuple[str, Call]] = {
    "message/send": ("POST", app_calls.send),
    "kf/sync_msg": ("POST", kf_calls.sync_msg),
    "kf/send_msg": ("POST", kf_calls.send_msg),
    "kf/service_state/get": ("POST", kf_calls.get_state),
    "kf/service_state/trans": ("POST", kf_calls.trans_state),
    "kf/servicer/list": ("GET", kf_calls.list_servicers),
}


def blueprint(world: World, faults: Faults) -> Blueprint:
    """The API of this world, with these faults."""
    pages = Blueprint("cgi-bin", __name__)

    def performed(api: str) -> Response:
        with world.lock:
            return _performed(world, api)

    @pages.route("/cgi-bin/<path:api>", methods=["GET", "POST"])
    def call(api: str) -> Response:
        _exists(api)
        with world.lock:
            corp_id = _caller(world, api)
        fault = faults.take(api, corp_id)
        if fault is None:
            answer, outcome = performed(api), ""
        else:
            answer, outcome = faults.apply(fault, lambda: performed(api), _refused)
        with world.lock:
            world.calls[api, corp_id, outcome or answer.headers["Error-Code"]] += 1
        return answer

    return pages


def _exists(api: str) -> None:
    """Raises the HTTP error of a call that is not in the table."""
    method = "GET" if api == "gettoken" else CALLS.get(api, ("", None))[0]
    if not method:
        raise NotFound
    if request.method != method:
        raise MethodNotAllowed([method])


def _caller(world: World, api: str) -> str:
    """The corp that calls, as far as can be told without believing it."""
    if api == "gettoken":
        corp_id = request.args.get("corpid", "")
        return corp_id if corp_id in world.corps else ""
    return world.tokens.corp_of(request.args.get("access_token", ""))


def _performed(world: World, api: str) -> Response:
    try:
        if api == "gettoken":
            return _answer({"errcode": 0, "errmsg": "ok"} | _get_token(world))
        grant = world.tokens.check(request.args.get("access_token", ""))
        method, perform = CALLS[api]
        body = request.args.to_dict() if method == "GET" else _json_body()
        return _answer({"errcode": 0, "errmsg": "ok"} | perform(world, grant, body))
    except ApiError as e:
        return _refused(e.errcode, e.detail)
    except ValidationError as e:
        return _refused(40058, ".".join(map(str, e.errors()[0]["loc"])))


def _get_token(world: World) -> dict[str, Any]:
    """An app's token for its secret. Raises ApiError."""
    corp_id, secret = request.args.get("corpid", ""), request.args.get("corpsecret", "")
    if not corp_id:
        raise ApiError(41002)
    if not secret:
        raise ApiError(41004)
    if corp_id not in world.corps:
        raise ApiError(40013)
    for app in world.corps[corp_id].apps.values():
        if app.spec.secret == secret:
            token, life = world.tokens.issue(corp_id, app.spec.name, secret, world.modes.token_life)
            return {"access_token": token, "expires_in": life}
    raise ApiError(40001)


def _json_body() -> dict[str, Any]:
    """What was posted. No Content-Type is as good as JSON's, and any other is refused. Raises ApiError."""
    if request.mimetype and "json" not in request.mimetype:
        raise ApiError(47001)
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as e:
        raise ApiError(47001) from e
    if not isinstance(body, dict):
        raise ApiError(47001)
    return body


def _refused(errcode: int, detail: str = "") -> Response:
    return _answer(refusal(errcode, request.remote_addr or "", detail))


def _answer(body: dict[str, Any]) -> Response:
    answer = Response(json.dumps(body, ensure_ascii=False), content_type="application/json; charset=UTF-8")
    answer.headers["Error-Code"] = str(body["errcode"])
    return answer
