"""Neighbours that start at the same moment as we do, or are just being brought back."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from wecom_bot.errors import TemporaryFailure
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_LONGEST = timedelta(seconds=10)  # less than gunicorn gives a process to boot
_PAUSE = 0.2

Found = TypeVar("Found")


def patiently(ask: Callable[[], Found]) -> Found:
    """What `ask` answers, asked again while it raises TemporaryFailure; after ten seconds that is raised."""
    end = time.monotonic() + _LONGEST.total_seconds()
    while True:
        try:
            return ask()
        except TemporaryFailure as e:
            if time.monotonic() >= end:
                raise
            log.debug("start.waits", reason=str(e))
            time.sleep(_PAUSE)
