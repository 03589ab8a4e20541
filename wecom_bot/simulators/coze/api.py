"""The API as a page: who calls what, what trouble that meets, and what became of it."""

from datetime import UTC, datetime
from typing import Any, cast

from flask import Blueprint, Response, request
from pydantic import ValidationError

from wecom_bot.simulators.coze import tokens
from wecom_bot.simulators.coze.answers import in_json
from wecom_bot.simulators.coze.calls import CALLS, IncomingCall
from wecom_bot.simulators.coze.faults import GATEWAY, Answer, CozeFaults
from wecom_bot.simulators.coze.files import UploadedFile
from wecom_bot.simulators.coze.paths import Path
from wecom_bot.simulators.coze.refusals import CozeRefusal, ForeignError, new_logid, refusal
from wecom_bot.simulators.coze.schema import AskedCall
from wecom_bot.simulators.coze.world import CozeWorld
from wecom_bot.simulators.serving import EVENT_STREAM

_SHOWN = ("/v1/bots", "/v1/workflows")  # with an id behind it
_PREDICT = "/v1/nlu/predict"


def blueprint(world: CozeWorld, faults: CozeFaults) -> Blueprint:
    """The API of this world, with these faults."""
    pages = Blueprint("coze", __name__)

    @pages.route("/<path:asked>", methods=["GET", "POST", "PUT", "DELETE"])
    def answer(asked: str) -> Response:
        path = next((each for each in _SHOWN if f"/{asked}".startswith(f"{each}/")), f"/{asked}")
        if not _exists(world, path):
            return in_json(refusal(4000, _no_endpoint(), new_logid()), 404)
        call = _call(world, faults, cast("Path", path))
        made, outcome = _answer(call)
        _note(call, outcome)
        return made

    return pages


def _exists(world: CozeWorld, path: str) -> bool:
    """Coze has no intent service, so neither has its simulator until somebody adds a project to it."""
    methods = next((methods for known, (methods, _) in CALLS.items() if known == path), frozenset[str]())
    return request.method in methods and (path != _PREDICT or bool(world.projects))


def _no_endpoint() -> str:
    return f"The requested API endpoint {request.method} {request.path} does not exist"


def _call(world: CozeWorld, faults: CozeFaults, path: Path) -> IncomingCall:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = _sent()
    body, query = request.get_json(silent=True, force=True), request.args.to_dict()
    body = {"file": sent.said} if sent else body
    if isinstance(body, dict) and path in {"/v3/chat/retrieve", "/v3/chat/message/list"}:
        query |= {name: str(value) for name, value in body.items()}
    of = _subject(world, path, query, body)
    token = token.strip() if scheme.lower() == "bearer" else ""
    return IncomingCall(world, faults, path, token, query, body, of, faults.take(path, of), sent)


def _sent() -> UploadedFile | None:
    """The file that comes with a call."""
    file = request.files.get("file")
    return UploadedFile(file.filename or "", file.read()) if file else None


def _subject(world: CozeWorld, path: Path, query: dict[str, str], body: object) -> str:
    """The bot, workflow or project that a call is about, "" if there is no telling."""
    if path in _SHOWN:
        return request.path.removeprefix(f"{path}/")
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    match path:
        case "/v3/chat":
            return str(fields.get("bot_id", ""))
        case "/v1/workflow/run":
            return str(fields.get("workflow_id", ""))
        case "/v1/nlu/predict":
            return str(fields.get("project_key", ""))
    named = query | fields
    of = world.chats.get(str(named.get("chat_id", ""))) or world.conversations.get(named.get("conversation_id", ""))
    return of.bot_id if of else ""


def _answer(call: IncomingCall) -> Answer:
    if call.fault is not None and call.fault.kind in GATEWAY:
        content_type = EVENT_STREAM if call.streamed else "application/json"
        return call.faults.apply(call.fault, lambda: _performed(call), content_type)
    return _performed(call)


def _performed(call: IncomingCall) -> Answer:
    """What the call comes to, and the word for it."""
    try:
        answer = CALLS[call.path][1](call)
    except CozeRefusal as e:
        return in_json(refusal(e.code, e.message, new_logid()), e.status), str(e.code)
    except ForeignError as e:
        return in_json(e.body, e.status), f"http {e.status}"
    except ValidationError as e:
        field = ".".join(map(str, e.errors()[0]["loc"]))
        if call.path == _PREDICT:
            return in_json({"error": field}, 400), "http 400"
        return in_json(refusal(4000, f"Request parameter error: {field}", new_logid())), "4000"
    shaped = call.fault is not None and call.fault.kind not in GATEWAY
    return answer, call.fault.kind if call.fault is not None and shaped else "0"


def _note(call: IncomingCall, outcome: str) -> None:
    """Remember what was asked, but no token."""
    asked = AskedCall(
        path=call.path,
        caller=tokens.name_of(call.world, call.token),
        query=call.query,
        body=call.body,
        outcome=outcome,
        at=datetime.now(UTC),
    )
    call.world.note(asked, call.of)
