"""What gunicorn logs, in our shape: one `http.request` a request, with its trace id, and never a query string.

What the app has told by itself (an accepted callback) is not told again: a line costs as much as opening a callback.

The query of a callback holds its signature and, at the verification of a URL, its sealed echo.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from gunicorn import glogging

from wecom_bot.beginning import begin
from wecom_bot.errors import WecomBotError
from wecom_bot.telemetry import logs, trace
from wecom_bot.telemetry.refusals import Refusals
from wecom_bot.web.limits import LONGEST_LOGGED, TOLD

log = logs.get("wecom_bot.web.access")

# Asked every few seconds by machines; a refusal is logged like any other request's.
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_OK = range(200, 300)
_REFUSED = 400  # from here on
_LONGEST = 500
_QUERY = re.compile(r"\?.*", re.DOTALL)
_PATH = re.compile(r"(?<=^Error handling request )([A-Z]{1,20} \S{64})\S+")
# gunicorn quotes the line or header that it does not understand.
_QUOTED = re.compile(r"(?<=^Invalid request from )([^'\"?]{0,160}+).+", re.DOTALL)
_MALFORMED = "Invalid request from "


class GunicornLogger(glogging.Logger):  # type: ignore[misc] # gunicorn has no types
    """Takes the place of gunicorn's own (its `logger_class`)."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Send everything to our handler; gunicorn calls this at the start and at every reload."""
        self.cfg = cfg
        loaded = begin()
        self.loglevel = logging.getLevelNamesMapping()[loaded.log_level.upper()]
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(self.loglevel)
        if not any(isinstance(one, _WithoutQuery) for one in self.error_log.filters):
            self.error_log.addFilter(_WithoutQuery())
        self._refusals = Refusals(_tell)

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's
        """What is no HTTP is a refusal like others."""
        if not msg.startswith(_MALFORMED) or self._refusals.admit("malformed"):
            super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's
        """What we raise on purpose says it all; anything else is a bug, and comes with its traceback."""
        error = sys.exc_info()[1]
        if isinstance(error, WecomBotError):
            self.error_log.error(f"{msg % args}: {error}")
        else:
            self.error_log.exception(msg, *args, **kwargs)

    def access(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: timedelta) -> None:  # noqa: ANN401 - gunicorn's
        """One request is done; a line of the app's own about it is enough."""
        if environ.get(TOLD):
            return
        path = environ.get("PATH_INFO") or environ.get("RAW_URI", "").partition("?")[0]
        status = int(str(resp.status).split(maxsplit=1)[0])
        if status >= _REFUSED and not self._refusals.admit(str(status)):
            return
        write = log.debug if path in _PROBES and status in _OK else log.info
        write(
            "http.request",
            method=environ.get("REQUEST_METHOD", "")[:LONGEST_LOGGED],
            path=_text(path)[:LONGEST_LOGGED],
            status=status,
            bytes=resp.sent or 0,
            took=round(request_time.total_seconds(), 4),
            trace_id=_trace_id(resp.headers, req.headers),
        )


def _tell(statuses: Mapping[str, int]) -> None:
    log.warning("http.refused_more", statuses=statuses)


def _text(path: str) -> str:
    """A path of a WSGI environment, whose characters are bytes."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def _trace_id(answered: Iterable[tuple[str, str]], asked: Iterable[tuple[str, str]]) -> str:
    """The one the app answered with; if the app was not reached, the one that was sent."""
    for headers in (answered, asked):
        for name, value in headers:
            if name.lower() == trace.HEADER.lower():
                return trace.accept(value)
    return ""


class _WithoutQuery(logging.Filter):
    """Cuts a message at what it repeats of the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = _PATH.sub(r"\1…", _QUOTED.sub(r"\1…", record.getMessage()))
        record.msg = _QUERY.sub("?…", message)[:_LONGEST]
        record.args = ()
        return True
