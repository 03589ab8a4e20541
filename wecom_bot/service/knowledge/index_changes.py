"""The indexer: the relay of the articles' change log (transactional outbox) into every index that follows it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

from wecom_bot.domain.indexing import IndexStanding
from wecom_bot.domain.knowledge import ArticleChange, Position
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import LeaseLost, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.outbound.backoff import Backoff
from wecom_bot.ports import (
    ArticleChanges,
    Clock,
    IndexFeed,
    IndexPositions,
    IndexProbe,
    IndexShelf,
    IndexStandings,
    Locks,
    PoisonList,
)
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

EVERY = timedelta(milliseconds=750)
"""How often it looks; with the writing that follows, readers see a change within two seconds."""
LOCK = "search.index"
"""Who has it may write into indexes, or drop one."""

_SPAN = timedelta(seconds=30)  # beyond the longest page, embedding and a slow engine included
_RENEW = _SPAN / 3  # after which it is taken again before a position is stored
_STRETCH = timedelta(seconds=5)  # of work, before who else waits for the lock may have it
_PAGE = 200
_AGAIN = Backoff(timedelta(seconds=1), timedelta(seconds=30))
_ASIDE = timedelta(seconds=10)  # for an index that fails beside others that do not, as one that is blocked
_ENOUGH = 2


@dataclass(slots=True)
class IndexChanges:
    """Carry what changed into all indexes, one process of all at a time; at least once, so that nothing is lost.

    The position is stored after the writing: who crashes between does it again, and the higher revision wins there.
    """

    standings: IndexStandings
    changes: ArticleChanges
    positions: IndexPositions
    shelf: IndexShelf
    probe: IndexProbe
    feed: IndexFeed
    poison: PoisonList
    locks: Locks
    clock: Clock
    holder: str
    _token: str = field(default_factory=lambda: uuid4().hex)
    _taken_at: datetime | None = None
    _failures: int = 0
    _rest_until: datetime | None = None
    _spoiled: dict[str, datetime] = field(default_factory=dict)

    def __call__(self) -> None:
        """Once, unless there is nothing to do, another process is at it, or the engine was away a moment ago.

        Raises TemporaryFailure with SQL away. That the engine is away is said once.
        """
        now = self.clock.now()
        if (self._rest_until and now < self._rest_until) or not self.standings.behind():
            return
        if not self._take():
            return
        try:
            self._follow_all(now + _STRETCH)
        finally:
            self.locks.give_back(LOCK, self._token)

    def _follow_all(self, until: datetime) -> None:
        """A page of each in turn, so that nobody waits for somebody's ten thousand; what is left is left.

        Where two indexes fail, or nothing is done, it is the engine that is away; else it is that one index.
        """
        waiting = deque(each for each in self.standings.behind() if not self._is_spoiled(each))
        failed: dict[str, tuple[IndexStanding, TemporaryFailure]] = {}
        well = False
        while waiting and len(failed) < _ENOUGH and self.clock.now() < until:
            standing = waiting.popleft()
            if _place(standing) in failed:
                continue
            try:
                more = self._follow(standing)
            except TemporaryFailure as e:
                failed[_place(standing)] = standing, e
            except LeaseLost:
                return
            except Rejected as e:
                self._set_aside(standing, e, _AGAIN.longest)
            else:
                well = True
                waiting.extend([more] if more else [])
        self._judge(list(failed.values()), well=well)

    def _judge(self, failed: Sequence[tuple[IndexStanding, TemporaryFailure]], *, well: bool) -> None:
        if failed and (len(failed) >= _ENOUGH or not well):
            self._rest(failed[0][1])
            return
        for standing, error in failed:
            self._set_aside(standing, error, _ASIDE)
        self._failures, self._rest_until = 0, None

    def _follow(self, standing: IndexStanding) -> IndexStanding | None:
        """Bring one page of one tenant's changes into one index; where it stands then, None at the end."""
        if not standing.index:
            standing = replace(standing, index=self._begun(standing.corp_id))
        corp_id, index = standing.corp_id, standing.index
        page = self.changes.since(corp_id, standing.position, _PAGE)
        if page:
            self._write(corp_id, index, page)
        last = page[-1].position if page else standing.position
        # a page that is not full is the end: all that was saved by the time of the look is in it
        if whole := len(page) < _PAGE:
            self.feed.show(index)  # until then what is written is seen once a second
        position = Position(max(standing.revision, last.revision)) if whole else last
        self._still()
        self.positions.put(corp_id, index, position)
        return None if whole else replace(standing, position=position)

    def _take(self) -> bool:
        self._taken_at = self.clock.now()
        return self.locks.take(LOCK, self._token, self.holder, _SPAN).token == self._token

    def _still(self) -> None:
        """Hold on to the lock. Raises LeaseLost: who was held up notes no position, for its index may be gone."""
        if self._taken_at and self.clock.now() - self._taken_at >= _RENEW and not self._take():
            raise LeaseLost("another process took over the indexes: this one was held up for too long")

    def _write(self, corp_id: CorpId, index: str, page: Sequence[ArticleChange]) -> None:
        refused = self.feed.put(corp_id, index, page)
        self.poison.note(corp_id, index, {each.article_id for each in page}, refused)
        metrics.INDEXED.labels("refused").inc(len(refused))
        metrics.INDEXED.labels("written").inc(len(page) - len(refused))
        for each in refused:
            log.warning("index.refused", corp_id=corp_id, index=index, article_id=each.article_id)

    def _begun(self, corp_id: CorpId) -> str:
        """Where a tenant that nobody followed is followed from now on."""
        index = self.shelf.place(corp_id)
        if self.probe.count(corp_id, index):
            raise Rejected(
                f"{index} 里有来历不明的条目（恢复过备份？），请运行 wecom-bot search rebuild"
                " / the index holds articles of another time (a restored backup?): rebuild it"
            )
        self.positions.put(corp_id, index, Position())
        return index

    def _rest(self, error: TemporaryFailure) -> None:
        if not self._failures:
            log.warning("index.stale", error=str(error))
        self._failures += 1
        metrics.INDEXED.labels("failed").inc()
        self._rest_until = self.clock.now() + _AGAIN.after(self._failures)

    def _set_aside(self, standing: IndexStanding, error: WecomBotError, span: timedelta) -> None:
        log.error("index.spoiled", corp_id=standing.corp_id, index=standing.index, error=str(error))
        metrics.INDEXED.labels("failed").inc()
        self._spoiled[_place(standing)] = self.clock.now() + span

    def _is_spoiled(self, standing: IndexStanding) -> bool:
        until = self._spoiled.get(_place(standing))
        return until is not None and self.clock.now() < until


def _place(standing: IndexStanding) -> str:
    """What is wrong with an index is so for all in it; without one, it is the tenant's alone."""
    return standing.index or f"?{standing.corp_id}"
