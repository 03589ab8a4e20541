"""Waiting for what happens by itself."""

import time
from collections.abc import Callable

PATIENCE = 180.0
"""Seconds; far more than anything takes, so that a slow machine is not taken for a fault."""


def wait_until(done: Callable[[], object], patience: float = PATIENCE) -> None:
    """Return when `done` says so; fail when it takes too long."""
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)
