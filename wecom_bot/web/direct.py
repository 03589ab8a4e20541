"""A callback's way from gunicorn's parser to the app and back, without the detour over a WSGI environment.

To make one, and to answer by its rules, costs as much as opening a callback. What is no callback goes the usual way.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter
from typing import Any

from gunicorn import util

from wecom_bot.telemetry import trace
from wecom_bot.web.answer import HttpAnswer
from wecom_bot.web.wire import GatewayWire

Callbacks = Callable[[str, str, str, str | None, Callable[[], bytes]], HttpAnswer | None]
"""Method, path, query, trace id, what reads the body; the answer, None where it is no callback's path."""

_TRACE = trace.HEADER.upper()
_BAD = range(400, 500)


def serve(callbacks: Callbacks, worker: Any, req: Any, wire: GatewayWire) -> bool:  # noqa: ANN401 - gunicorn's
    """Whether it was a callback, and is answered. Raises StopIteration, gunicorn's word for the connection's end."""
    began = perf_counter()
    path = util.unquote_to_wsgi_str(req.path)
    answer = None if "SCRIPT_NAME" in os.environ else callbacks(req.method, path, req.query, _trace(req), req.body.read)
    if answer is None:
        return False
    worker.nr += 1
    closes = not worker.alive or req.should_close()
    wire.refused = answer.status in _BAD
    try:
        wire.sendall(_head(req, answer, closes=closes) + answer.body)
    finally:
        if not answer.told:
            asked = {"PATH_INFO": path, "REQUEST_METHOD": req.method}
            worker.log.access(answer, req, asked, timedelta(seconds=perf_counter() - began))
    if closes:
        raise StopIteration
    return True


def _head(req: Any, answer: HttpAnswer, *, closes: bool) -> bytes:  # noqa: ANN401 - as above
    """As gunicorn writes it. What the headers hold is ours: a trace id is proved when it comes in."""
    major, minor = req.version
    own = f"HTTP/{major}.{minor} {answer.line}\r\nServer: gunicorn\r\nDate: {util.http_date()}\r\n"
    kept = "close" if closes else "keep-alive"
    more = "".join(f"{name}: {value}\r\n" for name, value in answer.all_headers)
    return f"{own}Connection: {kept}\r\n{more}\r\n".encode("latin-1")


def _trace(req: Any) -> str | None:  # noqa: ANN401 - as above
    """The one trace id that came; of several none is believed."""
    found = [value for name, value in req.headers if name == _TRACE]
    return found[0] if len(found) == 1 else None
