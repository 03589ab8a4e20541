"""Waiting for what happens by itself."""

import time
from collections.abc import Callable


def wait_until(done: Callable[[], object], patience: float = 15) -> None:
    """Return when `done` says so; fail when it takes too long."""
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)
