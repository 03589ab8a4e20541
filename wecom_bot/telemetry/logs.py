"""Structured logs: events with fields, one line each, JSON for machines or console for people.

Every line carries the trace id of its greenlet. Never log what a customer said, a secret, or the URL of an API call.
"""

import logging
import re
import sys
import traceback
from typing import cast

# Where rich is installed structlog imports it, and draws tracebacks with the values of all variables in them.
_RICH = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment] # says that there is none

import structlog  # noqa: E402

del sys.modules["rich"]
if _RICH is not None:
    sys.modules["rich"] = _RICH

from wecom_bot.telemetry import trace  # noqa: E402

# What breaks a line in two, steers a terminal or turns its text around: a stranger may have written it.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Logger = structlog.typing.FilteringBoundLogger


def get(name: str) -> Logger:
    """A logger; `name` is the module's."""
    return cast("Logger", structlog.get_logger(name))


def place(error: BaseException) -> str:
    """Where an error came from: what its message says may quote a customer, and is not for the log."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


def _add_trace(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.setdefault("trace_id", trace.current())
    return event


def one_line(text: str) -> str:
    """The text with escapes in the place of what steers."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _keep_to_one_line(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = one_line(value)
    return event


def configure(log_format: str, level: str) -> None:
    """Send our lines and those of the libraries (werkzeug, gunicorn, alembic, ...) to stderr, in one shape."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _keep_to_one_line, *_rendering(log_format)]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # urllib3 logs request lines at DEBUG and URLs of odd answers at WARNING, and WeCom's carry the token
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _rendering(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "json":
        # what stands behind another encoding would be escaped by Python, which is no JSON
        ascii_alone = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=ascii_alone)]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
