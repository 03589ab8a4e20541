"""Taking an index away, and who still follows it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Occupied
from wecom_bot.ports import IndexPositions, IndexShelf, Locks, PoisonList
from wecom_bot.service.knowledge.index_changes import LOCK

_SPAN = timedelta(minutes=1)
_PAUSE, _TRIES = 0.2, 300  # the indexer lets go every few seconds


@dataclass(frozen=True, slots=True)
class DropIndex:
    """Take away an index, or what one tenant has in it: first its positions, so that nobody follows it any more.

    All of it while the indexer rests: what it has begun to write would bring the index back, or a position of it. A
    crash between leaves an index without positions, which the next cleaning takes away.
    """

    positions: IndexPositions
    poison: PoisonList
    shelf: IndexShelf
    locks: Locks
    pause: Callable[[float], None] = time.sleep

    def __call__(self, index: str, corp_id: CorpId | None = None) -> None:
        """Raises Occupied where the indexer does not let go; TemporaryFailure, Rejected."""
        with self._indexer_held():
            self.unfollow(index, corp_id)
            if corp_id is None:
                self.shelf.drop(index)
            else:
                self.shelf.forget(corp_id, index)

    def unfollow(self, index: str, corp_id: CorpId | None = None) -> None:
        """Forget how far it has followed, and what it refused. Raises TemporaryFailure."""
        self.positions.drop(index, corp_id)
        self.poison.drop(index, corp_id)

    @contextmanager
    def _indexer_held(self) -> Iterator[None]:
        token = uuid4().hex
        for _ in range(_TRIES):
            if self.locks.take(LOCK, token, "drop", _SPAN).token == token:
                break
            self.pause(_PAUSE)
        else:
            raise Occupied("索引进程一直在写，稍后再试 / the indexer goes on writing: try again later")
        try:
            yield
        finally:
            self.locks.give_back(LOCK, token)
