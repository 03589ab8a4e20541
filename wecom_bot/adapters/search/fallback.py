"""Degraded search: while the search engine fails, a copy of the articles on this machine answers in its place.

Each question is answered by one of the two alone. Both rank in the same way, but no ranking holds passages of both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Protocol, TypeVar

from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure, WecomBotError
from wecom_bot.outbound.circuit import Circuit, Trip
from wecom_bot.ports import Articles, CircuitBreaker, SearchIndex
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

SLOWNESS = Circuit("elasticsearch", "slow", "search")
SLOW = Trip(failures=5, within=timedelta(seconds=30), cool_down=timedelta(seconds=10))
_LONGEST_TURN = 60.0  # seconds in which a turn that the copy answered may still be thought over

Found = TypeVar("Found")


class Copy(SearchIndex, Protocol):
    """A search that is kept up to date for whom it is told to follow: EmbeddedSearch."""

    def start(self) -> None:
        """Follow, until `stop`."""

    def stop(self) -> None:
        """End it."""

    def prepare(self, corp_id: CorpId) -> None:
        """Wait until all that the tenant wrote is there."""

    def follow(self, corp_id: CorpId) -> None:
        """Keep the tenant's articles at hand, from now on and for a while. Waits for nothing."""


@dataclass(slots=True)
class BoundedArticles:
    """The articles of tenants that wrote at most so many phrasings; of others `load` raises TemporaryFailure.

    `count` tells how many articles there are without reading them.
    """

    articles: Articles
    count: Callable[[CorpId], int]
    most: int
    _too_many: dict[CorpId, int] = field(default_factory=dict, init=False)

    def holds(self, corp_id: CorpId) -> bool:
        """Whether they are few enough, as far as is known."""
        return corp_id not in self._too_many

    def revision(self, corp_id: CorpId) -> int:
        return self.articles.revision(corp_id)

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        revision = self.articles.revision(corp_id)
        if self._too_many.get(corp_id) == revision:
            raise self._refusal(corp_id)
        found = self.articles.load(corp_id) if self.count(corp_id) <= self.most else None
        if found is None or sum(1 + len(each.similar) for each in found) > self.most:
            if self.holds(corp_id):
                log.warning("search.copy_too_large", corp_id=corp_id, most=self.most)
            self._too_many[corp_id] = revision
            raise self._refusal(corp_id)
        self._too_many.pop(corp_id, None)
        return found

    def _refusal(self, corp_id: CorpId) -> TemporaryFailure:
        return TemporaryFailure(f"{corp_id} has more than {self.most} phrasings: there is no copy on this machine")


@dataclass(slots=True)
class FallbackSearch:
    """Implements ports.SearchIndex: asks the engine, and where that fails, in whatever way, the copy.

    `holds` tells whether a tenant has a copy. Where it has, an engine that took longer than `slow` several times in a
    row is left alone for a while (slow-call circuit breaker): a turn searches several times, and its customer waits.
    Raises TemporaryFailure where neither can answer.
    """

    engine: SearchIndex
    copy: Copy
    holds: Callable[[CorpId], bool]
    breaker: CircuitBreaker
    slow: timedelta
    clock: Callable[[], float] = monotonic
    _failing: set[CorpId] = field(default_factory=set, init=False)
    _failed_at: dict[CorpId, float] = field(default_factory=dict, init=False)

    def start(self) -> None:
        """Keep the copy up to date, until `stop`; after a fork."""
        self.copy.start()

    def stop(self) -> None:
        """End it."""
        self.copy.stop()

    def prepare(self, corp_id: CorpId) -> None:
        """Wait until the copy holds all that the tenant wrote."""
        self.copy.prepare(corp_id)

    def follow(self, corp_id: CorpId) -> None:
        """Keep the tenant's copy at hand, from now on and for a while."""
        self.copy.follow(corp_id)

    def falls_back(self, corp_id: CorpId) -> bool:
        """Whether the copy may have answered a turn that is not over yet: what came of it may be older than the engine.

        Another turn's search, which the engine answers meanwhile, makes it no newer.
        """
        failed_at = self._failed_at.get(corp_id)
        return failed_at is not None and self.clock() - failed_at < _LONGEST_TURN

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        return self._first(corp_id, lambda index: index.search(corp_id, query, limit))

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self._first(corp_id, lambda index: index.get(corp_id, article_id))

    def _first(self, corp_id: CorpId, ask: Callable[[SearchIndex], Found]) -> Found:
        self.copy.follow(corp_id)
        try:
            found = self._in_time(corp_id, ask)
        except WecomBotError as e:
            if corp_id not in self._failing:
                log.warning("search.fell_back", corp_id=corp_id, error=f"{type(e).__name__}: {e}")
            self._failing.add(corp_id)
            self._failed_at[corp_id] = self.clock()
            return self._instead(corp_id, ask, e)
        if corp_id in self._failing:
            log.info("search.came_back", corp_id=corp_id)
            self._failing.discard(corp_id)
        return found

    def _in_time(self, corp_id: CorpId, ask: Callable[[SearchIndex], Found]) -> Found:
        if self.holds(corp_id):
            self.breaker.admit(SLOWNESS)
        began = self.clock()
        try:
            found = ask(self.engine)
        except BaseException:
            self.breaker.undecided(SLOWNESS)
            raise
        took = self.clock() - began
        if took < self.slow.total_seconds():
            self.breaker.succeeded(SLOWNESS)
        elif self.breaker.failed(SLOWNESS, SLOW):
            log.error("search.too_slow", took=round(took, 3))
        return found

    def _instead(self, corp_id: CorpId, ask: Callable[[SearchIndex], Found], why: WecomBotError) -> Found:
        try:
            if not self.holds(corp_id):
                raise TemporaryFailure(f"the search engine failed, and there is no copy: {why}") from why
            found = ask(self.copy)
        except WecomBotError:
            metrics.SEARCH_FALLBACKS.labels("nobody").inc()
            raise
        metrics.SEARCH_FALLBACKS.labels("copy").inc()
        return found
