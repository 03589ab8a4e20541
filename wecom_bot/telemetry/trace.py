"""The trace id: one for each callback, carried by its jobs, on every log line and every answer."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Trace-Id"

_WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}")
_current: ContextVar[str] = ContextVar("trace_id", default="")


def new() -> str:
    """32 hexadecimal digits."""
    return uuid4().hex


def accept(given: str | None) -> str:
    """What a caller sent, if it is 8 to 64 of [0-9A-Za-z_-]; else a new one."""
    return given if given and _WELL_FORMED.fullmatch(given) else new()


def bind(trace_id: str) -> None:
    """Everything that this greenlet does from here on belongs to that trace."""
    _current.set(trace_id)


def current() -> str:
    """The trace id of this greenlet, or an empty string."""
    return _current.get()
