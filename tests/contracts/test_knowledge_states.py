"""The contract of ports.KnowledgeStates, by the embedded search; of an engine elsewhere see test_indexed_revisions."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.test_search_index import ACME, NOON, OTHER, SHOP, WrittenArticles, ids
from tests.deadlines import wait_until
from tests.fakes import SettableClock
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.domain.knowledge import Article, KnowledgeState, SearchMode


@pytest.fixture
def articles() -> WrittenArticles:
    written = WrittenArticles()
    written.save(ACME, SHOP)
    return written


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture(params=SearchMode, ids=str)
def mode(request: pytest.FixtureRequest) -> SearchMode:
    chosen: SearchMode = request.param
    return chosen


@pytest.fixture
def index(
    request: pytest.FixtureRequest, mode: SearchMode, articles: WrittenArticles, tmp_path: Path, clock: SettableClock
) -> Iterator[EmbeddedSearch]:
    embedder = request.getfixturevalue("embedder") if mode is SearchMode.HYBRID else None
    made = EmbeddedSearch(tmp_path / "search.sqlite", articles, timedelta(milliseconds=5), embedder, clock)
    made.start()
    yield made
    made.stop()


def test_where_a_search_may_find_something_else_another_state_is_told(
    index: EmbeddedSearch, mode: SearchMode, articles: WrittenArticles
) -> None:
    assert index.state(OTHER) is None, "of what nobody ever searched"
    before = known(index, mode)
    assert bool(before.model) == (mode is SearchMode.HYBRID)
    articles.save(ACME, [Article("a-track", "怎么查物流", "打电话问。")])
    wait_until(lambda: index.search(ACME, "怎么查物流", 1)[0].answer == "打电话问。")
    assert index.state(ACME) != before
    articles.save(ACME, SHOP)
    wait_until(lambda: index.search(ACME, "怎么查物流", 1)[0].answer == "在订单里看。")
    assert known(index, mode) == before, "the same words are the same knowledge"


def test_when_an_article_begins_or_ends_another_state_is_told(
    index: EmbeddedSearch, mode: SearchMode, articles: WrittenArticles, clock: SettableClock
) -> None:
    begins, ends = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    sale = Article("g-sale", "双十一怎么满减", "减五十。", valid_from=begins, valid_until=ends)
    articles.save(ACME, [sale, Article("h-seen", "怎么退货", "点申请退货。")])
    wait_until(lambda: ids(index, "怎么退货", 1) == ["h-seen"])
    before = known(index, mode)
    clock.forward(minutes=59)
    assert index.state(ACME) == before
    clock.forward(minutes=1)
    meanwhile = index.state(ACME)
    clock.forward(minutes=60)
    after = index.state(ACME)
    assert len({before, meanwhile, after}) == 3


def known(index: EmbeddedSearch, mode: SearchMode) -> KnowledgeState:
    """What the searches of the shop are answered from, in that mode."""
    states = list[KnowledgeState]()

    def is_known() -> bool:
        index.search(ACME, "怎么查物流", 1)
        states.extend(each for each in [index.state(ACME)] if each and each.mode is mode)
        return bool(states)

    wait_until(is_known)
    return states[0]


def test_tenants_do_not_see_each_other(index: EmbeddedSearch, mode: SearchMode, articles: WrittenArticles) -> None:
    before = known(index, mode)
    articles.save(OTHER, [Article("a", "几点关门", "九点。")])
    wait_until(lambda: ids(index, "几点关门", 1, OTHER) == ["a"])
    assert index.state(ACME) == before != index.state(OTHER)
