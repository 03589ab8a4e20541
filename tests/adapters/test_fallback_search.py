"""Who answers while the search engine fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.fallback import SLOW, SLOWNESS, BoundedArticles, FallbackSearch
from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Misconfigured, TemporaryFailure, WecomBotError
from wecom_bot.outbound.circuit import CircuitState, LocalCircuitBreaker

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
REFUND = Article("refund", "怎么退货", "七天内可以退货", ("我要退货", "能退吗"))
POST = Article("post", "几天到货", "三天")


@dataclass
class Shelf:
    """Articles, and how often they were read."""

    held: dict[CorpId, list[Article]] = field(default_factory=dict)
    revisions: dict[CorpId, int] = field(default_factory=dict)
    loads: int = 0

    def put(self, corp_id: CorpId, *articles: Article) -> None:
        self.held[corp_id] = [*articles]
        self.revisions[corp_id] = self.revision(corp_id) + 1

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        self.loads += 1
        return self.held.get(corp_id, [])

    def revision(self, corp_id: CorpId) -> int:
        return self.revisions.get(corp_id, 0)

    def count(self, corp_id: CorpId) -> int:
        return len(self.held.get(corp_id, []))


@dataclass
class Engine:
    """A search engine that answers, or fails as it is told."""

    failure: WecomBotError | None = None
    takes: float = 0.0
    asked: int = 0
    now: float = 1000.0

    def clock(self) -> float:
        return self.now

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:  # noqa: ARG002
        return [self._answer(corp_id)]

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:  # noqa: ARG002
        return self._answer(corp_id)

    def _answer(self, corp_id: CorpId) -> Passage:
        self.asked += 1
        self.now += self.takes
        if self.failure:
            raise self.failure
        return Passage("engine", f"asked for {corp_id}", "by the engine", 0.9)


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.put(ACME, REFUND, POST)
    made.put(GLOBEX, POST)
    return made


@pytest.fixture
def engine() -> Engine:
    return Engine()


def fallback(engine: Engine, shelf: Shelf, folder: Path, most: int = 100) -> tuple[FallbackSearch, EmbeddedSearch]:
    bounded = BoundedArticles(shelf, shelf.count, most)
    copy = EmbeddedSearch(folder / "search.sqlite", bounded)
    breaker = LocalCircuitBreaker(engine.clock)
    return FallbackSearch(engine, copy, bounded.holds, breaker, timedelta(seconds=1), engine.clock), copy


def ids(found: Sequence[Passage]) -> list[str]:
    return [each.article_id for each in found]


@pytest.mark.parametrize("failure", [TemporaryFailure("away"), Misconfigured("wrong key", 401)])
def test_the_copy_answers_while_the_engine_fails_and_the_engine_alone_when_it_is_back(
    engine: Engine, shelf: Shelf, tmp_path: Path, failure: WecomBotError
) -> None:
    search, _ = fallback(engine, shelf, tmp_path)
    assert ids(search.search(ACME, "怎么退货", 3)) == ["engine"]
    engine.failure = failure
    assert ids(search.search(ACME, "怎么退货", 1)) == ["refund"]
    found = search.get(ACME, "post")
    assert found is not None
    assert found.answer == "三天"
    assert (search.falls_back(ACME), search.falls_back(GLOBEX)) == (True, False)
    engine.failure = None
    assert ids(search.search(ACME, "怎么退货", 3)) == ["engine"]
    assert search.falls_back(ACME), "another turn may still be thinking over what the copy said"
    engine.now += 60
    assert not search.falls_back(ACME)


def test_the_copy_is_kept_up_to_date_while_the_engine_answers(engine: Engine, shelf: Shelf, tmp_path: Path) -> None:
    search, copy = fallback(engine, shelf, tmp_path)
    search.search(ACME, "怎么退货", 3)
    copy.start()
    copy.stop()  # which waits for the look that began
    loads = shelf.loads
    engine.failure = TemporaryFailure("away")
    assert ids(search.search(ACME, "怎么退货", 1)) == ["refund"]
    assert shelf.loads == loads == 1


def test_a_tenant_that_wrote_too_much_has_no_copy_and_is_not_read_again_and_again(
    engine: Engine, shelf: Shelf, tmp_path: Path
) -> None:
    search, copy = fallback(engine, shelf, tmp_path, most=3)
    engine.failure = TemporaryFailure("away")
    for _ in range(3):
        with pytest.raises(TemporaryFailure):
            search.search(ACME, "怎么退货", 3)  # four phrasings
    assert shelf.loads == 1
    assert ids(search.search(GLOBEX, "几天到货", 3)) == ["post"]
    shelf.put(ACME, *[Article(str(number), f"问题{number}", "答") for number in range(4)])
    copy.follow(ACME)
    with pytest.raises(TemporaryFailure):
        copy.prepare(ACME)
    assert shelf.loads == 2  # of GLOBEX: so many articles are counted, and not read
    shelf.put(ACME, POST)
    copy.prepare(ACME)
    assert ids(search.search(ACME, "几天到货", 3)) == ["post"]


def test_what_the_copy_held_is_not_told_once_the_tenant_wrote_too_much(
    engine: Engine, shelf: Shelf, tmp_path: Path
) -> None:
    search, copy = fallback(engine, shelf, tmp_path, most=4)
    copy.prepare(ACME)
    shelf.put(ACME, REFUND, POST, Article("more", "还有", "更多"))
    with pytest.raises(TemporaryFailure):
        copy.prepare(ACME)
    engine.failure = TemporaryFailure("away")
    with pytest.raises(TemporaryFailure, match="no copy"):
        search.search(ACME, "怎么退货", 3)


def test_an_engine_that_is_slow_again_and_again_is_left_alone_for_a_while_by_who_has_a_copy(
    engine: Engine, shelf: Shelf, tmp_path: Path
) -> None:
    search, _ = fallback(engine, shelf, tmp_path)
    engine.takes = 1.5
    asked = [ids(search.search(ACME, "怎么退货", 1)) for _ in range(SLOW.failures + 3)]
    assert asked == [["engine"]] * SLOW.failures + [["refund"]] * 3
    assert engine.asked == SLOW.failures
    engine.takes, engine.now = 0.1, engine.now + SLOW.cool_down.total_seconds()
    assert ids(search.search(ACME, "怎么退货", 1)) == ["engine"]
    assert search.breaker.state(SLOWNESS) is CircuitState.CLOSED


def test_a_slow_engine_is_better_than_none(engine: Engine, shelf: Shelf, tmp_path: Path) -> None:
    search, copy = fallback(engine, shelf, tmp_path, most=3)
    with pytest.raises(TemporaryFailure):
        copy.prepare(ACME)
    engine.takes = 1.5
    for _ in range(SLOW.failures + 3):
        assert ids(search.search(ACME, "怎么退货", 1)) == ["engine"]


def test_tenants_do_not_see_each_other(engine: Engine, shelf: Shelf, tmp_path: Path) -> None:
    search, _ = fallback(engine, shelf, tmp_path)
    engine.failure = TemporaryFailure("away")
    assert ids(search.search(GLOBEX, "怎么退货", 3)) == ["post"]
    assert search.get(GLOBEX, "refund") is None
