"""The front door, as a Flask app: callbacks, health, the API, and nothing else that a stranger may call."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.wsgi import get_input_stream

from wecom_bot.service.conversation.receive import Receive, Verify
from wecom_bot.telemetry import trace
from wecom_bot.web import errors, health
from wecom_bot.web.answer import HttpAnswer
from wecom_bot.web.callback import CallbackDoor, Called, addressee_of
from wecom_bot.web.limits import LONGEST_LOGGED, MOST_BYTES, TOLD

_LONGEST = MOST_BYTES + 1  # werkzeug cuts a body there: one byte tells a longer one
_TRACE = "HTTP_" + trace.HEADER.upper().replace("-", "_")


@dataclass(frozen=True, slots=True)
class WebServices:
    """What the routes call; without `api` there is none.

    `ready` names what is missing; `metrics` is a body and its content type.
    """

    receive: Receive
    verify: Verify
    ready: Callable[[], Sequence[str]]
    metrics: Callable[[], tuple[bytes, str]]
    api: Blueprint | None = None


def create_app(services: WebServices) -> "GatewayApp":
    """The app, holding these services; several may live in one process."""
    app = GatewayApp(CallbackDoor(services.receive, services.verify))
    app.config["MAX_CONTENT_LENGTH"] = _LONGEST
    app.url_map.merge_slashes = False  # it would redirect, and WeCom follows no redirect
    app.before_request(_bind_trace)
    app.after_request(_show_trace)
    app.register_blueprint(health.blueprint(services.ready, services.metrics))
    if services.api is not None:
        app.register_blueprint(services.api)
    errors.register(app)
    return app


class GatewayApp(Flask):
    """Answers callbacks itself, and all else as Flask does.

    It logs a bug with no more of the address than a log should hold.
    """

    def __init__(self, callbacks: CallbackDoor) -> None:
        super().__init__(__name__, static_folder=None)
        self._callbacks = callbacks

    def callback(
        self, method: str, path: str, query: str, trace_id: str | None, body: Callable[[], bytes]
    ) -> HttpAnswer | None:
        """The answer to a callback; None where the path, as a WSGI environment has it, is none's."""
        addressee = addressee_of(path)
        return self._callbacks(addressee, Called(method, query, trace_id, body)) if addressee else None

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI's
        method, path, query = (environ.get(each, "") for each in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING"))
        answer = self.callback(method, path, query, environ.get(_TRACE), lambda: _body(environ))
        if answer is None:
            found: Iterable[bytes] = super().wsgi_app(environ, start_response)
            return found
        environ[TOLD] = answer.told
        start_response(answer.line, answer.all_headers)
        return [answer.body]

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - three things, or three times nothing
        self.logger.error("Exception on %s [%s]", request.path[:LONGEST_LOGGED], request.method, exc_info=exc_info)


def _body(environ: dict[str, Any]) -> bytes:
    return get_input_stream(environ, max_content_length=_LONGEST).read()


def _bind_trace() -> None:
    trace.bind(trace.accept(request.headers.get(trace.HEADER)))


def _show_trace(response: Response) -> Response:
    response.headers[trace.HEADER] = trace.current()
    return response
