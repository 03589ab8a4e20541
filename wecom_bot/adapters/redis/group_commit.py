"""Group commit: what comes while a trip is under way shares the next one, and with it one fsync of the server."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from wecom_bot.errors import TemporaryFailure

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Brought(Generic[Item, Answer]):
    """What one caller brought, and what becomes of it."""

    __slots__ = ("answer", "failure", "item", "leads", "settled")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.settled = threading.Lock()  # held until there is an answer, or the caller is to lead
        self.settled.acquire()
        self.leads = False
        self.answer: Answer | None = None
        self.failure: Exception | None = None


class GroupCommit(Generic[Item, Answer]):
    """Takes items to their `trip` together, and gives every caller the answer to their own.

    Nobody waits for company: who comes alone goes at once, and whoever comes while that is under way gathers for the
    next trip, which the first of them leads. `trip` answers each item, and must come to an end: that is what bounds the
    wait, by the rest of one trip and one more. When it raises a TemporaryFailure, all who were in it do.
    """

    def __init__(self, trip: Callable[[Sequence[Item]], Sequence[Answer]]) -> None:
        self._trip = trip
        self._lock = threading.Lock()
        self._gathering: list[_Brought[Item, Answer]] = []
        self._under_way = False

    def __call__(self, item: Item) -> Answer:
        """The answer to this item. Raises what its trip raised."""
        mine: _Brought[Item, Answer] = _Brought(item)
        with self._lock:
            mine.leads = not self._under_way
            self._under_way = True
            self._gathering.append(mine)
        if not mine.leads:
            self._wait(mine)
        if mine.leads:
            self._lead()
        if mine.failure is not None:
            raise mine.failure
        return mine.answer  # type: ignore[return-value] # whoever has no failure was answered

    def _wait(self, mine: _Brought[Item, Answer]) -> None:
        try:
            mine.settled.acquire()
        except BaseException:  # a greenlet that is killed in its sleep must not be the one that all others wait for
            with self._lock:
                if mine in self._gathering:
                    self._gathering.remove(mine)
            if mine.leads:
                self._pass_on()
            raise

    def _lead(self) -> None:
        with self._lock:
            together, self._gathering = self._gathering, []
        answers: Sequence[Answer] = ()
        failure: Exception | None = TemporaryFailure("the trip that this was in was broken off")
        try:
            answers = self._trip([each.item for each in together])
            failure = None
        except TemporaryFailure as e:
            failure = e
        finally:
            self._pass_on()  # first: while the next trip is under way, those of this one go on
            for place, each in enumerate(together):
                each.failure = failure
                each.answer = None if failure else answers[place]
                each.settled.release()

    def _pass_on(self) -> None:
        """Let the first of those who have gathered lead the next trip."""
        with self._lock:
            self._under_way = bool(self._gathering)
            if self._gathering:
                first = self._gathering[0]
                first.leads = True
                first.settled.release()
