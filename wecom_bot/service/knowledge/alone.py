"""One person at a time changes which indexes there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from wecom_bot.errors import LeaseLost, Occupied
from wecom_bot.ports import Locks

LOCK = "search.rebuild"

_SPAN = timedelta(minutes=2)  # beyond the longest step, after which it is taken again

Still = Callable[[], None]
"""Holds on to the lock between two steps. Raises LeaseLost where somebody else has it."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A lock on rebuilding, moving, rolling back and dropping: all of it, for indexes are shared by tenants."""

    locks: Locks

    @contextmanager
    def __call__(self, holder: str) -> Iterator[Still]:
        """Nobody else is at it until the end. Raises Occupied, which says who is; TemporaryFailure."""
        token = uuid4().hex
        lock = self.locks.take(LOCK, token, holder, _SPAN)
        if lock.token != token:
            raise Occupied(
                f"{lock.holder} 正在改动索引，从 {lock.taken_at:%H:%M:%S} UTC 起；完了再来，若已中断，等 2 分钟"
                " / is changing indexes since then: wait for the end, or 2 minutes if it broke off"
            )

        def still() -> None:
            if self.locks.take(LOCK, token, holder, _SPAN).token != token:
                raise LeaseLost(
                    "停得太久，别人已开始改动索引，这里不再往下做；请看 wecom-bot search status"
                    " / another began to change indexes meanwhile, for this one was held up for too long: it ends here"
                )

        try:
            yield still
        finally:
            self.locks.give_back(LOCK, token)
