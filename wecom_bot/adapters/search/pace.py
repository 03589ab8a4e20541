"""Long computing that lets others go on: a worker has one thread for all its customers."""

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

_STRETCH = timedelta(milliseconds=2)
# Not 0: gevent looks at its sockets only once in many pauses of no length
_PAUSE = timedelta(milliseconds=1)

Item = TypeVar("Item")


def unhurried(items: Iterable[Item]) -> Iterator[Item]:
    """The items, with a pause after every few milliseconds in which they were worked on."""
    end = time.monotonic() + _STRETCH.total_seconds()
    for item in items:
        yield item
        if time.monotonic() >= end:
            time.sleep(_PAUSE.total_seconds())
            end = time.monotonic() + _STRETCH.total_seconds()
