"""Indexes of a real Elasticsearch: what no port says of them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.fixtures.elasticsearch_servers import PATIENT
from tests.fixtures.scripted_elasticsearch import Heard, Told, standing_in
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.document import document
from wecom_bot.adapters.search.elastic.feed import ElasticFeed
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames, generation
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.probe import ElasticProbe
from wecom_bot.adapters.search.elastic.shelf import ElasticShelf
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.search.text import tokens
from wecom_bot.domain.knowledge import Article, ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Misconfigured, Rejected, TemporaryFailure
from wecom_bot.outbound.circuit import LocalCircuitBreaker

BIG = CorpId("ww_big")
MANY = [ArticleChange(f"a{each}", 1, Article(f"a{each}", f"几点关门{each}", "九点")) for each in range(30)]


@pytest.fixture
def shelf(elasticsearch: Cluster) -> Iterator[ElasticShelf]:
    made = shelf_of(elasticsearch, f"test-{uuid4().hex[:12]}")
    yield made
    for each in made.all():
        made.drop(each.name)


def shelf_of(cluster: Cluster, prefix: str) -> ElasticShelf:
    names = IndexNames(prefix)
    return ElasticShelf(cluster, IndexPlaces(cluster, names, IndexShape(shards=2, replicas=0)), names)


def test_a_tenants_own_index_is_spread_over_its_shards(shelf: ElasticShelf) -> None:
    index = shelf.make(BIG)
    ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster)).fill(index, [(BIG, MANY)])
    shelf.finish(index)
    lies = shelf.cluster.ask(lambda es: es.search_shards(index=index, routing=BIG)).body["shards"]
    held = shelf.cluster.ask(lambda es: es.indices.stats(index=index, metric="docs", level="shards")).body
    filled = [each for each in held["indices"][index]["shards"].values() if each[0]["docs"]["count"]]
    assert len(lies) == len(filled) == 2  # the third is empty, and not asked


def test_what_was_put_while_an_index_was_proved_is_on_the_disk_once_it_is_finished(shelf: ElasticShelf) -> None:
    index = shelf.make(BIG)
    feed = ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster))
    feed.fill(index, [(BIG, MANY[1:])])
    shelf.copy(index)
    feed.put(BIG, index, MANY[:1])
    assert uncommitted(shelf, index) == 1
    shelf.finish(index)
    assert uncommitted(shelf, index) == 0


def uncommitted(shelf: ElasticShelf, index: str) -> int:
    """How many writes are in the translog alone."""
    found = shelf.cluster.ask(lambda es: es.indices.stats(index=index, metric="translog"))
    return int(found["_all"]["primaries"]["translog"]["uncommitted_operations"])


def test_words_that_stand_in_no_column_or_in_anothers_are_missed(shelf: ElasticShelf) -> None:
    """Who is asked in the very same words is found by another column."""
    index, (asked, *_) = shelf.make(None), MANY
    assert asked.article
    question = asked.article.question
    right = document(BIG, asked.article, 1)
    probe = ElasticProbe(shelf.cluster)

    def put(**changed: str) -> bool:
        written = {**right, **changed}
        shelf.cluster.ask(lambda es: es.index(index=index, id="one", routing=BIG, document=written, refresh=True))
        assert set(probe.best(BIG, index, question)) == {asked.article_id}
        return probe.finds(BIG, index, question)

    assert put()
    assert not put(question="", answer="")
    assert not put(question=" ".join(tokens("明天有没有雨")), answer="")


def test_an_index_of_another_recipe_is_not_written_to(shelf: ElasticShelf) -> None:
    index = shelf.make(None)
    feed = ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster))
    assert feed.put(BIG, index, MANY[:1]) == []
    shelf.cluster.ask(lambda es: es.indices.put_mapping(index=index, meta={"recipe": 0}))
    assert [each.foreign for each in shelf.all()] == [True]
    for write in (lambda: feed.put(BIG, index, MANY[:1]), lambda: feed.fill(index, [(BIG, MANY[:1])])):
        with pytest.raises(Rejected, match="search rebuild"):
            write()


def test_an_index_that_was_made_before_an_analyzer_was_set_is_not_written_to(shelf: ElasticShelf) -> None:
    """It refuses each article, and of what is refused nothing older stays: edited ones would be gone."""
    index = shelf.make(None)
    shelf.finish(index)
    ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster)).put(BIG, index, MANY[:1])
    with pytest.raises(Rejected, match="search rebuild"):
        ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster, analyzed=True)).put(BIG, index, MANY[:1])
    shelf.cluster.ask(lambda es: es.indices.refresh(index=index))
    assert ElasticProbe(shelf.cluster).count(BIG, index) == 1


def test_an_analyzer_that_the_cluster_lacks_is_named(shelf: ElasticShelf) -> None:
    places = replace(shelf.places, shape=IndexShape(shards=1, replicas=0, analyzer="ik_nowhere"))
    with pytest.raises(Misconfigured, match=r"WECOM_BOT_SEARCH_ANALYZER.*ik_nowhere"):
        replace(shelf, places=places).make(None)
    assert list(shelf.all()) == []


def test_an_index_that_elasticsearch_made_by_itself_is_not_written_to(shelf: ElasticShelf) -> None:
    """As where one is deleted by hand between two requests of an indexer."""
    index = generation(shelf.names.shared, 1)
    shelf.cluster.ask(lambda es: es.index(index=index, document={"corp_id": BIG}, refresh=True))
    with pytest.raises(Rejected, match="search rebuild"):
        ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster)).put(BIG, index, MANY[:1])
    assert [each.name for each in shelf.all()] == [index]


def test_what_a_closed_index_does_not_take_is_blamed_on_no_article(shelf: ElasticShelf) -> None:
    index = shelf.make(None)
    shelf.cluster.ask(lambda es: es.indices.close(index=index))
    with pytest.raises(Rejected, match="closed"):
        ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster)).put(BIG, index, MANY[:1])
    shelf.drop(index)


def test_what_cannot_be_removed_ends_the_removing(shelf: ElasticShelf) -> None:
    index = shelf.make(None)
    ElasticFeed(shelf.cluster, IndexWriter(shelf.cluster)).put(BIG, index, MANY)
    shelf.cluster.ask(lambda es: es.indices.put_settings(index=index, settings={"index.blocks.write": True}))
    with pytest.raises(TemporaryFailure, match="cluster_block_exception"):
        shelf.forget(BIG, index)
    shelf.cluster.ask(lambda es: es.indices.put_settings(index=index, settings={"index.blocks.write": None}))
    shelf.forget(BIG, index)
    assert ElasticProbe(shelf.cluster).count(BIG, index) == 0


def test_an_alias_that_somebody_pointed_at_two_indexes_points_at_one_again(shelf: ElasticShelf) -> None:
    first, second = shelf.make(None), shelf.make(None)
    pointing = [shelf.places.pointing(BIG, each) for each in (first, second)]
    shelf.cluster.ask(lambda es: es.indices.update_aliases(actions=pointing))
    shelf.point({BIG: second})
    assert shelf.places.behind(shelf.names.tenant(BIG)) == [second]


@pytest.mark.parametrize("more", ["b", "own"])
def test_another_installation_whose_name_begins_alike_is_left_alone(shelf: ElasticShelf, more: str) -> None:
    mine = shelf.make(None)
    other = shelf_of(shelf.cluster, f"{shelf.names.prefix}-{more}")
    theirs = other.make(None)
    try:
        assert [each.name for each in shelf.all()] == [mine]
        assert [each.name for each in other.all()] == [theirs]
    finally:
        other.drop(theirs)


@pytest.mark.parametrize(
    ("nodes", "replicas", "awaited"), [(1, 1, 3), (2, 1, 6), (5, 1, 6), (2, 3, 6)], ids=["alone", "two", "five", "few"]
)
def test_an_index_is_copied_when_each_node_that_can_has_its_copy(nodes: int, replicas: int, awaited: int) -> None:
    waits = list[str]()

    def cluster(heard: Heard) -> Told:
        asked = parse_qs(urlsplit(heard.target).query)
        waits.extend(asked.get("wait_for_active_shards", []))
        status = 408 if "wait_for_active_shards" in asked else 200
        state = {"number_of_data_nodes": nodes, "active_primary_shards": 3, "timed_out": status == 408}
        return Told(status if "/_cluster/health" in heard.target else 200, json.dumps(state).encode())

    with standing_in(cluster) as url:
        asked = connect(SearchAddress.parse(url, Login()), PATIENT, 2, LocalCircuitBreaker())
        names = IndexNames("wb")
        places = IndexPlaces(asked, names, IndexShape(shards=3, replicas=replicas))
        assert not ElasticShelf(asked, places, names).copied("wb-1")
    assert waits == [str(awaited)]
