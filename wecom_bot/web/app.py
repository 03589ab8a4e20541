"""The front door, as a Flask app: callbacks, health, the API, and nothing else that a stranger may call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, request

from wecom_bot.service.conversation.receive import Receive, Verify
from wecom_bot.telemetry import trace
from wecom_bot.web import callback, errors, health
from wecom_bot.web.limits import LONGEST_LOGGED, MOST_BYTES


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


def create_app(services: WebServices) -> Flask:
    """The app, holding these services; several may live in one process."""
    app = _App(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES + 1  # werkzeug cuts a body there: one byte tells a longer one
    app.url_map.merge_slashes = False  # it would redirect, and WeCom follows no redirect
    app.before_request(_bind_trace)
    app.after_request(_show_trace)
    app.register_blueprint(callback.blueprint(services.receive, services.verify))
    app.register_blueprint(health.blueprint(services.ready, services.metrics))
    if services.api is not None:
        app.register_blueprint(services.api)
    errors.register(app)
    return app


class _App(Flask):
    """Takes a callback's URL as people write it; logs a bug with no more of the address than a log should hold."""

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - WSGI's
        """`//callback/corp/app`, `/callback/corp/app/` and the like mean the URL that they are taken for."""
        environ["PATH_INFO"] = callback.plain(environ.get("PATH_INFO", ""))
        return super().wsgi_app(environ, start_response)

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - three things, or three times nothing
        self.logger.error("Exception on %s [%s]", request.path[:LONGEST_LOGGED], request.method, exc_info=exc_info)


def _bind_trace() -> None:
    trace.bind(trace.accept(request.headers.get(trace.HEADER)))


def _show_trace(response: Response) -> Response:
    response.headers[trace.HEADER] = trace.current()
    return response
