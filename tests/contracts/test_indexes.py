"""What ports.IndexShelf, IndexFeed and IndexProbe promise, of a real Elasticsearch and of the one in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.service.knowledge.memory_engine import MemoryEngine
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.feed import ElasticFeed
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.probe import ElasticProbe
from wecom_bot.adapters.search.elastic.shelf import ElasticShelf
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.domain.knowledge import Article, ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Rejected
from wecom_bot.ports import IndexFeed, IndexProbe, IndexShelf

ACME, GLOBEX, BIG = CorpId("ww_Acme"), CorpId("ww_globex"), CorpId("ww_big")


@dataclass(frozen=True)
class Engine:
    """One engine, by each of its ports."""

    shelf: IndexShelf
    feed: IndexFeed
    probe: IndexProbe

    def filled(self, own: CorpId | None, *corp_ids: CorpId) -> str:
        """A finished index with three articles of each tenant."""
        index = self.shelf.make(own)
        self.feed.fill(index, [(corp_id, changes(1, 0, 1, 2)) for corp_id in corp_ids])
        self.shelf.finish(index)
        return index


@pytest.fixture(params=["memory", "elasticsearch"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "memory":
        kept = MemoryEngine()
        yield Engine(kept, kept, kept)
        return
    cluster: Cluster = request.getfixturevalue("elasticsearch")
    names = IndexNames(f"test-{uuid4().hex[:12]}")
    shelf = ElasticShelf(cluster, IndexPlaces(cluster, names, IndexShape(shards=2, replicas=0)), names)
    yield Engine(shelf, ElasticFeed(cluster, IndexWriter(cluster), at_once=2), ElasticProbe(cluster))
    for each in shelf.all():
        shelf.drop(each.name)


def changes(revision: int, *numbers: int, answer: str = "九点") -> Sequence[ArticleChange]:
    return [
        ArticleChange(f"a{each}", revision, Article(f"a{each}", f"几点关门{'一二三四五'[each]}", answer))
        for each in numbers
    ]


def removed(revision: int, number: int) -> Sequence[ArticleChange]:
    return [ArticleChange(f"a{number}", revision, None)]


def test_an_index_is_unfinished_until_it_is_finished(engine: Engine) -> None:
    first = engine.shelf.make(None)
    second = engine.shelf.make(ACME)
    assert [(each.name, each.own, each.unfinished) for each in engine.shelf.all()] == [
        (first, None, True),
        (second, ACME, True),
    ]
    engine.shelf.finish(second)
    assert engine.shelf.copied(second)
    assert [each.unfinished for each in engine.shelf.all()] == [True, False]
    engine.shelf.drop(first)
    engine.shelf.drop(first)
    assert [each.name for each in engine.shelf.all()] == [second]
    assert engine.shelf.make(ACME) != second


def test_what_is_put_is_seen_once_it_is_shown_and_the_higher_revision_wins(engine: Engine) -> None:
    index = engine.filled(None, ACME)
    engine.feed.put(ACME, index, [*changes(3, 1), *removed(3, 2)])
    engine.feed.put(ACME, index, changes(2, 1, 2, 3))
    engine.feed.put(ACME, index, changes(3, 1))
    engine.feed.show(index)
    assert engine.probe.count(ACME, index) == 3
    assert set(engine.probe.best(ACME, index, "几点关门二")) == {"a1"}
    assert set(engine.probe.best(ACME, index, "几点关门四")) == {"a3"}
    engine.feed.put(ACME, index, removed(4, 0))
    engine.feed.show(index)
    assert engine.probe.count(ACME, index) == 2


def test_what_is_put_where_no_index_is_makes_none(engine: Engine) -> None:
    index = engine.filled(None, ACME)
    engine.shelf.drop(index)
    with pytest.raises(Rejected):
        engine.feed.put(ACME, index, changes(2, 1))
    assert engine.shelf.all() == []


def test_who_has_no_place_gets_one_in_the_shared_index(engine: Engine) -> None:
    assert engine.shelf.live([ACME]) == {}
    assert engine.shelf.shared() is None
    index = engine.shelf.place(ACME)
    assert engine.shelf.place(ACME) == engine.shelf.place(GLOBEX) == engine.shelf.shared() == index
    assert engine.shelf.live([ACME, GLOBEX, BIG]) == {ACME: index, GLOBEX: index}
    assert [(each.name, each.unfinished) for each in engine.shelf.all()] == [(index, False)]


def test_questions_are_pointed_elsewhere_for_all_at_once(engine: Engine) -> None:
    before = engine.shelf.place(ACME)
    engine.shelf.place(GLOBEX)
    shared, own = engine.filled(None, ACME), engine.filled(BIG, BIG)
    engine.shelf.point({ACME: shared, BIG: own}, shared)
    assert engine.shelf.live([ACME, GLOBEX, BIG]) == {ACME: shared, GLOBEX: before, BIG: own}
    assert engine.shelf.shared() == shared
    engine.shelf.point({ACME: shared, GLOBEX: shared})
    engine.shelf.point({ACME: before})
    assert engine.shelf.live([ACME, GLOBEX]) == {ACME: before, GLOBEX: shared}
    assert engine.shelf.shared() == shared


def test_a_tenant_that_was_forgotten_can_come_back_with_the_same_revisions(engine: Engine) -> None:
    index = engine.filled(None, ACME, GLOBEX)
    engine.shelf.forget(ACME, index)
    assert (engine.probe.count(ACME, index), engine.probe.count(GLOBEX, index)) == (0, 3)
    engine.feed.put(ACME, index, changes(1, 0, 1, 2))
    engine.feed.show(index)
    assert engine.probe.count(ACME, index) == 3
    engine.shelf.drop(index)
    engine.shelf.forget(ACME, index)


def test_tenants_do_not_see_each_other(engine: Engine) -> None:
    index = engine.filled(None, ACME, GLOBEX)
    engine.feed.put(GLOBEX, index, [*changes(2, 4), *removed(2, 0)])
    engine.feed.show(index)
    assert "a4" not in engine.probe.best(ACME, index, "几点关门五")
    assert set(engine.probe.best(ACME, index, "几点关门一")) == {"a0"}
    assert (engine.probe.count(ACME, index), engine.probe.count(GLOBEX, index)) == (3, 3)


def test_all_that_are_asked_in_the_same_words_are_found_best(engine: Engine) -> None:
    index = engine.shelf.make(None)
    told = [("a1", "几点开门"), ("a2", "几点开门？"), ("a3", "？？？")]
    engine.feed.put(ACME, index, [ArticleChange(key, 1, Article(key, question, "九点")) for key, question in told])
    engine.shelf.finish(index)
    assert set(engine.probe.best(ACME, index, "几点开门")) == {"a1", "a2"}
    assert set(engine.probe.best(ACME, index, "？？？")) == set()


@pytest.mark.parametrize(
    ("question", "found"), [("几点关门二", True), ("明天有没有雨", False), ("？？？", True), ("", True)]
)
def test_words_find_who_is_asked_so(engine: Engine, question: str, found: bool) -> None:  # noqa: FBT001 - a case
    index = engine.filled(None, ACME, GLOBEX)
    assert engine.probe.finds(ACME, index, question) == found
    assert not engine.probe.finds(BIG, index, "几点关门一")
