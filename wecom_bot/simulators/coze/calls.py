"""The calls that the API knows, each with what it needs to be let in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response

from wecom_bot.simulators.coze import chat_calls, files, messages, tokens, understanding
from wecom_bot.simulators.coze.answers import in_json
from wecom_bot.simulators.coze.asking import ChatRequest
from wecom_bot.simulators.coze.faults import CozeFaults
from wecom_bot.simulators.coze.paths import Path
from wecom_bot.simulators.coze.refusals import CozeRefusal
from wecom_bot.simulators.coze.schema import CozeFault
from wecom_bot.simulators.coze.staging import staged
from wecom_bot.simulators.coze.understanding import PredictRequest, RunRequest
from wecom_bot.simulators.coze.world import CozeWorld
from wecom_bot.simulators.serving import EVENT_STREAM


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """One request, before anything of it is believed. `of` is the bot, workflow or project that it is about."""

    world: CozeWorld
    faults: CozeFaults
    path: Path
    token: str
    query: dict[str, str]
    body: Any
    of: str
    fault: CozeFault | None
    file: files.UploadedFile | None = None

    @property
    def caller(self) -> str:
        """The name of the token, which files belong to."""
        return tokens.name_of(self.world, self.token)

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which must be an object. Raises CozeRefusal."""
        if not isinstance(self.body, dict):
            raise CozeRefusal(4000, "The body must be a JSON object")
        return self.body

    @property
    def streamed(self) -> bool:
        """Whether an event stream is asked for."""
        return self.path == "/v3/chat" and isinstance(self.body, dict) and self.body.get("stream") is True


def _chat(call: IncomingCall) -> Response:
    with call.world.lock:
        tokens.prove_for_chat(call.world, call.token, call.of)
        asked = ChatRequest.model_validate(call.fields)
        chat = chat_calls.begin(call.world, call.caller, call.query.get("conversation_id", ""), asked, call.fault)
        if not asked.stream:
            return _enveloped(chat.shown())
    answer = Response(staged(call.world, chat, call.fault, call.faults.wait), content_type=EVENT_STREAM)
    answer.headers["X-Tt-Logid"] = chat.chat_id
    if call.fault is not None and call.fault.kind == "plain":
        answer.headers["Connection"] = "close"
    return answer


def _retrieve(call: IncomingCall) -> Response:
    with _let_in(call):
        return _enveloped(chat_calls.retrieve(call.world, call.query))


def _messages(call: IncomingCall) -> Response:
    with _let_in(call):
        return _enveloped(chat_calls.messages(call.world, call.query))


def _cancel(call: IncomingCall) -> Response:
    with _let_in(call):
        return _enveloped(chat_calls.cancel(call.world, call.fields))


def _list(call: IncomingCall) -> Response:
    with _let_in(call):
        page = messages.listed(call.world, call.query, messages.ListRequest.model_validate(call.body or {}))
    return in_json({"code": 0, "msg": ""} | page)


def _delete(call: IncomingCall) -> Response:
    with _let_in(call):
        return _enveloped(messages.delete(call.world, call.query))


def _run(call: IncomingCall) -> Response:
    with _let_in(call):
        body, seconds = understanding.run(call.world, RunRequest.model_validate(call.fields))
    return _after(call, seconds, body)


def _upload(call: IncomingCall) -> Response:
    with _let_in(call):
        kept = files.upload(call.world, call.caller, call.file)
    data = {"id": kept.file_id, "bytes": kept.size, "file_name": kept.name, "created_at": int(time.time())}
    return _enveloped(data)


def _transcribe(call: IncomingCall) -> Response:
    with _let_in(call):
        return _enveloped({"text": files.heard(call.file)})


def _bot(call: IncomingCall) -> Response:
    with _let_in(call):
        bot = call.world.bot(call.of)
    if not bot.published:
        raise CozeRefusal(4015)
    return _enveloped({"bot_id": bot.bot_id, "name": "", "description": "", "version": "1", "bot_mode": 0})


def _workflow(call: IncomingCall) -> Response:
    with _let_in(call):
        return _enveloped(understanding.show(call.world, call.of, call.query))


def _predict(call: IncomingCall) -> Response:
    with call.world.lock:
        tokens.prove_for_project(call.world, call.token, call.of)
        body, seconds = understanding.predict(call.world, PredictRequest.model_validate(call.fields))
    return _after(call, seconds, body)


def _grant(call: IncomingCall) -> Response:
    with call.world.lock:
        return in_json(tokens.grant(call.world, call.token, call.fields))


CALLS: dict[Path, tuple[frozenset[str], Callable[[IncomingCall], Response]]] = {
    "/v3/chat": (frozenset({"POST"}), _chat),
    "/v3/chat/retrieve": (frozenset({"GET", "POST"}), _retrieve),
    "/v3/chat/message/list": (frozenset({"GET", "POST"}), _messages),
    "/v3/chat/cancel": (frozenset({"POST"}), _cancel),
    "/v1/conversation/message/list": (frozenset({"POST"}), _list),
    "/v1/conversation/message/delete": (frozenset({"POST"}), _delete),
    "/v1/workflow/run": (frozenset({"POST"}), _run),
    "/v1/files/upload": (frozenset({"POST"}), _upload),
    "/v1/audio/transcriptions": (frozenset({"POST"}), _transcribe),
    "/v1/workflows": (frozenset({"GET"}), _workflow),
    "/v1/bots": (frozenset({"GET"}), _bot),
    "/v1/nlu/predict": (frozenset({"POST"}), _predict),
    "/api/permission/oauth2/token": (frozenset({"POST"}), _grant),
}


@contextmanager
def _let_in(call: IncomingCall) -> Iterator[None]:
    """The world, for a caller who may. Raises CozeRefusal."""
    with call.world.lock:
        tokens.prove(call.world, call.token, call.of)
        yield


def _enveloped(data: object) -> Response:
    return in_json({"code": 0, "msg": "", "data": data})


def _after(call: IncomingCall, seconds: float, body: object) -> Response:
    """The body, when its time has come."""
    if seconds:
        call.faults.wait(seconds)
    return in_json(body)
