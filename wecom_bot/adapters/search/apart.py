"""Computing on native threads: under gevent it would hold up every greenlet."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, TypeVar

from gevent.threadpool import ThreadPool

Vector = TypeVar("Vector")

Text = tuple[str, int]
"""A text, and how many tokens of it are read."""

_AT_ONCE = 8  # texts: handing each over by itself costs the hub more
_NICE = 10


@dataclass(frozen=True, slots=True)
class Apart(Generic[Vector]):
    """Vectors made on one thread for who asks, and on others for all that was written: no question waits for those."""

    vector: Callable[[str, int], Vector]
    _asked: ThreadPool = field(init=False, default_factory=lambda: ThreadPool(1))
    _written: ThreadPool = field(init=False, default_factory=lambda: ThreadPool(min(2, os.cpu_count() or 1)))

    def one(self, text: str, most: int) -> Vector:
        """Of a question."""
        vector: Vector = self._asked.apply(self.vector, (text, most))
        return vector

    def all(self, texts: Sequence[Text]) -> list[Vector]:
        """Of many texts, in their order."""
        parts = [texts[begin : begin + _AT_ONCE] for begin in range(0, len(texts), _AT_ONCE)]
        return list(chain.from_iterable(self._written.map(self._part, parts)))

    def _part(self, texts: Sequence[Text]) -> list[Vector]:
        _give_way()
        return [self.vector(*each) for each in texts]


def _give_way() -> None:
    """To every thread of this machine that somebody waits for; elsewhere it would be the whole process that does."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))  # 0 is this thread
