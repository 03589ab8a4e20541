"""Structured logs: events with fields, one line each, JSON for machines or console for people.

Every line carries the trace id of its greenlet. Never log what a customer said, a secret, or the URL of an API call.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any, TextIO

# What structlog imports and we have no use for. Where rich is installed it draws tracebacks with the values of all
# variables in them: None says that there is none. asyncio, for loggers that are awaited, takes five megabytes.
_UNWANTED: dict[str, ModuleType | None] = {"rich": None, "asyncio": ModuleType("asyncio")}
_THERE = {name: sys.modules[name] for name in _UNWANTED if name in sys.modules}
sys.modules.update(_UNWANTED)  # type: ignore[arg-type] # None is allowed

import structlog  # noqa: E402

for _name in _UNWANTED:
    del sys.modules[_name]
sys.modules.update(_THERE)

from wecom_bot.telemetry import trace  # noqa: E402

# What breaks a line in two, steers a terminal or turns its text around: a stranger may have written it.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Logger:
    """Logs events of one module. Bound once for each configuration: a line below the level costs next to nothing."""

    __slots__ = ("_bound", "_name", "_of")

    def __init__(self, name: str) -> None:
        self._name = name
        self._of: tuple[object, object] = (None, None)
        self._bound: structlog.typing.FilteringBoundLogger

    def debug(self, event: str, **fields: object) -> None:
        """What only a developer looks for."""
        self._ready().debug(event, **fields)

    def info(self, event: str, **fields: object) -> None:
        """What went as it should."""
        self._ready().info(event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        """What did not, and was seen to."""
        self._ready().warning(event, **fields)

    def error(self, event: str, **fields: object) -> None:
        """What somebody has to see to."""
        self._ready().error(event, **fields)

    def log(self, level: int, event: str, **fields: object) -> None:
        """At a level of logging's."""
        self._ready().log(level, event, **fields)

    def _ready(self) -> structlog.typing.FilteringBoundLogger:
        config = structlog.get_config()
        processors, kind = self._of
        if config["processors"] is not processors or config["wrapper_class"] is not kind:
            self._bound = structlog.get_logger(self._name).bind()
            self._of = config["processors"], config["wrapper_class"]
        return self._bound


def get(name: str) -> Logger:
    """A logger; `name` is the module's."""
    return Logger(name)


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


class _Lines:
    """Writes rendered lines, each in one piece. What cannot be written is lost, and nobody fails for it."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self.name = stream, name

    def info(self, line: str) -> None:
        """Write it."""
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except (OSError, ValueError):  # a full disk, a closed pipe: no reason to leave a customer without an answer
            return

    debug = warning = error = critical = info


def configure(log_format: str, level: str) -> None:
    """Send our lines and those of the libraries (werkzeug, gunicorn, alembic, ...) to stderr, in one shape.

    Ours are rendered and written at once: through logging's records and formatters a line costs three times the CPU.
    """
    shared: list[structlog.typing.Processor] = [
        _add_trace,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = [_keep_to_one_line, *_rendering(log_format)]
    stream = sys.stderr
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda name: _Lines(stream, name),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    of_others = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=of_others))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # urllib3 logs request lines at DEBUG and URLs of odd answers at WARNING, and WeCom's carry the token
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    # a line for each request, and a circuit of ours says what goes wrong
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _rendering(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "json":
        # what stands behind another encoding would be escaped by Python, which is no JSON
        ascii_alone = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_serializer(ensure_ascii=ascii_alone)),
        ]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def _serializer(*, ensure_ascii: bool) -> Callable[..., str]:
    """json.dumps, with its encoder made once."""
    known = json.JSONEncoder(ensure_ascii=ensure_ascii).encode

    def dumps(event: structlog.typing.EventDict, **how: Any) -> str:  # noqa: ANN401 - structlog's
        try:
            return known(event)
        except TypeError:  # a field that JSON has no words for
            return json.dumps(event, ensure_ascii=ensure_ascii, **how)

    return dumps
