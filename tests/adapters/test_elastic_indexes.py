"""Indexes, aliases and writes in Elasticsearch: no two tenants share a name, and nothing done twice shows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.adapters.search.confidence import Vocabulary
from wecom_bot.adapters.search.elastic.asking import CandidateWeights, TenantQuestion
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.adapters.search.elastic.found import Cosines
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import (
    IndexNames,
    article_id,
    document_id,
    generation,
    number,
    of_tenant,
)
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.ranking import by_meaning
from wecom_bot.adapters.search.elastic.refusals import NotThere, OfAnotherVersion
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import Article, ArticleChange
from wecom_bot.domain.message import CorpId

_numbers = count(1)
OPEN = Article("a-open", "几点开门", "九点开门。", ("什么时候营业",))
LATER = Article("a-open", "几点开门", "十点开门。")
Put = Callable[..., Sequence[Any]]


@pytest.fixture
def corp_id() -> CorpId:
    """A tenant of this test's own."""
    return CorpId(f"wwIndexes{next(_numbers)}")


@pytest.fixture
def put(index_places: IndexPlaces, corp_id: CorpId) -> Put:
    """Writes changes of the tenant, and has them seen."""

    def write(*changes: ArticleChange, model: Embedder | None = None) -> Sequence[Any]:
        alias = index_places.ready(corp_id)
        refused = IndexWriter(index_places.cluster, model).put(corp_id, alias, changes)
        index_places.cluster.ask(lambda es: es.indices.refresh(index=alias))
        return refused

    return write


def said(places: IndexPlaces, corp_id: CorpId, model: Embedder | None = None) -> list[str]:
    found = ElasticSearch(places.cluster, places.names, embedder=model).search(corp_id, "你们几点开门呀", 3)
    return [each.answer for each in found]


@given(st.lists(st.text("abAB.-_09é", min_size=1, max_size=6), unique=True, min_size=2, max_size=20))
def test_names_are_lower_case_and_no_two_tenants_have_the_same(corp_ids: list[str]) -> None:
    named = [of_tenant(CorpId(each)) for each in corp_ids]
    assert len(set(named)) == len(named)
    assert all(each == each.lower() and each.isascii() for each in named)


def test_a_name_is_never_too_long() -> None:
    names, longest = IndexNames("p" * 40), CorpId("W" * 64)
    assert len(generation(names.own(longest), 999_999)) <= 255
    assert names.tenant(longest) != names.tenant(CorpId("W" * 63 + "w"))
    assert len(of_tenant(CorpId("W" * 500))) < 100


def test_a_generation_is_known_by_its_name() -> None:
    names = IndexNames("wb")
    own = names.own(CorpId("wwA"))
    assert number(own, generation(own, 7)) == 7
    assert number(names.shared, generation(own, 7)) is None
    assert number(names.shared, "wb-shared-tmp") is None


def test_an_article_is_known_by_its_document() -> None:
    corp = CorpId("ww_1")
    assert article_id(corp, document_id(corp, "a/b")) == "a/b"


def test_a_replay_changes_nothing_and_what_is_older_than_what_is_there_is_not_written(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    first, second = ArticleChange("a-open", 3, OPEN), ArticleChange("a-open", 5, LATER)
    for changes in ([first], [first], [second], [first], [second, first]):
        assert list(put(*changes)) == []
    assert said(index_places, corp_id) == ["十点开门。"]


def test_what_was_removed_stays_removed_whoever_lags_behind(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    gone = ArticleChange("a-open", 5, None)
    for changes in ([ArticleChange("a-open", 3, OPEN)], [gone], [gone], [ArticleChange("a-open", 3, OPEN)]):
        assert list(put(*changes)) == []
    assert said(index_places, corp_id) == []


def test_one_that_the_index_refuses_is_named_and_holds_up_no_other(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    endless = ArticleChange("x" * 600, 4, OPEN)  # an id of a document has 512 bytes
    (refused,) = put(endless, ArticleChange("a-open", 4, OPEN))
    assert refused.article_id == "x" * 600
    assert said(index_places, corp_id) == ["九点开门。"]


def test_of_one_whose_new_words_are_refused_the_old_ones_are_told_no_more(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    put(ArticleChange("a-open", 4, OPEN))
    endless = Article("a-open", "几" * 12_000, "十点开门。")  # a keyword has 32,766 bytes
    (refused,) = put(ArticleChange("a-open", 5, endless))
    assert refused.article_id == "a-open"
    assert said(index_places, corp_id) == []


def test_what_was_asked_in_the_middle_of_an_import_weighs_nothing_afterwards(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    """An import is one revision, written piece by piece."""
    asked, names = ElasticSearch(index_places.cluster, index_places.names), "ab"
    put(*(ArticleChange(each, 1, Article(each, f"怎么退货{each}", "七天。")) for each in names))
    for each in names:
        put(ArticleChange(each, 2, Article(each, f"几点开门营业{each}", "九点。")))
        found = asked.search(corp_id, "几点开门呀", 3)
    assert found == ElasticSearch(index_places.cluster, index_places.names).search(corp_id, "几点开门呀", 3)


def test_a_candidate_that_lost_phrasings_after_it_was_found_is_ranked_nevertheless() -> None:
    shown = ("a", "几点开门", "九点。", "[]", False, None)
    now = FoundDocument("a", "i/2", (("几点开门", ("几", "点")),), frozenset(), shown)
    near, vocabulary = Cosines({"a": 0.8}, {"a": 3}, 0.0), Vocabulary(1, {})
    (ranked,) = by_meaning(["几"], vocabulary, [now.meant(vocabulary)], [now], (near, near))
    assert ranked.matched == "几点开门"


def test_many_articles_go_in_several_requests(index_places: IndexPlaces, corp_id: CorpId, put: Put) -> None:
    long = "很长的答案" * 400
    put(*(ArticleChange(f"n{each}", 1, Article(f"n{each}", f"第{each}个问题", long)) for each in range(110)))
    counted = index_places.cluster.ask(lambda es: es.count(index=index_places.names.tenant(corp_id)))
    assert counted["count"] == 110


def test_what_an_article_says_comes_whole_however_long_and_odd_it_is(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    long = "九点开门\ud83d。" * 20_000  # a term has 32,766 bytes; half a character has no UTF-8
    put(ArticleChange("a-open", 1, Article("a-open", "几点开门", long)))
    assert said(index_places, corp_id) == [long]


def test_what_cannot_be_read_because_another_version_wrote_it_is_said_and_no_engine_is_left_alone_for_it(
    index_places: IndexPlaces, corp_id: CorpId
) -> None:
    alias = index_places.ready(corp_id)
    older = {"corp_id": corp_id, "article_id": "a-open", "revision": 1, "question": "开 门", "sameness": ["几点开门"]}
    index_places.cluster.ask(
        lambda es: es.index(
            index=alias, id=document_id(corp_id, "a-open"), routing=corp_id, document=older, refresh=True
        )
    )
    search = ElasticSearch(index_places.cluster, index_places.names)
    for _ in range(6):  # more than open a circuit
        for ask in (lambda: search.search(corp_id, "开门", 3), lambda: search.get(corp_id, "a-open")):
            with pytest.raises(OfAnotherVersion, match="search rebuild"):
                ask()


def test_where_meaning_counts_candidates_by_words_have_more_than_a_character_in_common() -> None:
    question = TenantQuestion.of(CorpId("ww_mine"), SystemClock().now(), "退款")
    by_words = str(question.searches(CandidateWeights(), 3)["words"])
    in_hybrid = str(replace(question, vector="[1]").searches(CandidateWeights(), 3)["words"])
    assert all(f"'{token}'" in by_words for token in ("退", "款", "退款"))
    assert not any(f"'{token}'" in in_hybrid for token in ("退", "款"))
    assert "'退款'" in in_hybrid


def test_an_index_without_the_field_that_is_written_refuses_each_by_name(
    index_places: IndexPlaces, corp_id: CorpId
) -> None:
    writer = IndexWriter(index_places.cluster, analyzed=True)
    (refused,) = writer.put(corp_id, index_places.ready(corp_id), [ArticleChange("a-open", 1, OPEN)])
    assert (refused.article_id, refused.why) == ("a-open", "strict_dynamic_mapping_exception")


def test_several_who_begin_at_once_make_one_index_and_one_alias(
    elasticsearch: Cluster, index_names: IndexNames
) -> None:
    names = IndexNames(f"{index_names.prefix}-race")
    places = IndexPlaces(elasticsearch, names, IndexShape(1, 0))
    corp_ids = [CorpId("wwOne"), CorpId("wwTwo")] * 3
    with ThreadPoolExecutor(len(corp_ids)) as pool:
        aliases = list(pool.map(places.ready, corp_ids))
    assert set(aliases) == {names.tenant(each) for each in corp_ids}
    assert {places.of(each) for each in corp_ids} == {generation(names.shared, 1)}


def test_who_was_never_indexed_is_told_from_who_wrote_nothing(
    index_places: IndexPlaces, corp_id: CorpId, put: Put
) -> None:
    with pytest.raises(NotThere):
        said(index_places, corp_id)
    put()
    assert said(index_places, corp_id) == []


def test_another_index_of_the_same_revisions_is_read_anew(index_places: IndexPlaces, corp_id: CorpId) -> None:
    """As after a restore, when revisions are counted again."""
    search = ElasticSearch(index_places.cluster, index_places.names)
    for place, article in enumerate((OPEN, LATER), 1):
        _point_to_new(index_places, corp_id, place, article)
        found = search.search(corp_id, "你们几点开门呀", 3)
        assert [each.answer for each in found] == [article.answer]


def _point_to_new(places: IndexPlaces, corp_id: CorpId, place: int, article: Article) -> None:
    index, alias = generation(places.names.own(corp_id), place), places.names.tenant(corp_id)
    places.make(index)
    IndexWriter(places.cluster).put(corp_id, index, [ArticleChange(article.article_id, 1, article)])
    gone = {"remove": {"index": "*", "alias": alias, "must_exist": False}}
    places.cluster.ask(lambda es: es.indices.refresh(index=index))
    places.cluster.ask(lambda es: es.indices.update_aliases(actions=[gone, places.pointing(corp_id, index)]))


def test_until_every_article_has_its_vectors_one_character_in_common_is_enough(
    index_places: IndexPlaces, corp_id: CorpId, put: Put, embedder: Embedder
) -> None:
    search = ElasticSearch(index_places.cluster, index_places.names, embedder=embedder)
    put(ArticleChange("a-open", 1, OPEN), model=embedder)
    put(ArticleChange("b-ticket", 2, Article("b-ticket", "怎么开发票", "点申请发票。")))
    found = search.search(corp_id, "票呢", 3)
    assert [(each.article_id, each.mode and each.mode.value) for each in found] == [("b-ticket", "lexical")]


def test_words_rank_until_every_article_has_its_vectors(
    index_places: IndexPlaces, corp_id: CorpId, put: Put, embedder: Embedder
) -> None:
    search = ElasticSearch(index_places.cluster, index_places.names, embedder=embedder)
    put(ArticleChange("a-open", 1, OPEN), model=embedder)
    put(ArticleChange("b-late", 2, Article("b-late", "晚上几点关门", "八点。")))
    assert {each.mode and each.mode.value for each in search.search(corp_id, "关门是几点", 3)} == {"lexical"}
    put(ArticleChange("b-late", 3, Article("b-late", "晚上几点关门", "八点。")), model=embedder)
    assert {each.mode and each.mode.value for each in search.search(corp_id, "关门是几点", 3)} == {"hybrid"}


def test_no_vector_of_another_tenants_is_found_through_whatever_alias(
    index_places: IndexPlaces, corp_id: CorpId, put: Put, embedder: Embedder
) -> None:
    """Even one without filter and routing: the searches themselves keep tenants apart."""
    put(ArticleChange("a-open", 1, OPEN), model=embedder)
    other, index = CorpId(f"{corp_id}Other"), index_places.of(corp_id)
    wide = {"add": {"index": index, "alias": index_places.names.tenant(other)}}
    index_places.cluster.ask(lambda es: es.indices.update_aliases(actions=[wide]))
    search = ElasticSearch(index_places.cluster, index_places.names, embedder=embedder)
    assert search.search(other, "几点开门", 3) == ()
    assert search.get(other, "a-open") is None


def test_of_a_story_the_clusters_analyzer_reads_the_beginning() -> None:
    """All of it would be more clauses than a query may have."""
    question = TenantQuestion.of(CorpId("ww_mine"), SystemClock().now(), "退款" * 5_000)
    assert len(str(question.searches(CandidateWeights(analyzed=2.0), 3)["words"])) < 2_000


def test_every_search_names_its_tenant() -> None:
    question = TenantQuestion.of(CorpId("ww_mine"), SystemClock().now(), "退款多久到账")
    whole = TenantQuestion(question.corp_id, question.now, question.text, question.tokens, question.key, "[1]", "m")
    searches = {
        **whole.searches(CandidateWeights(), 3),
        **{f"exactly {name}": each for name, each in whole.exactly(["a"]).items()},
        "collection": whole.collection(),
        "counting": whole.counting(["退"]),
        "these": whole.these(["ww_mine/a"]),
    }
    own = str({"term": {"corp_id": "ww_mine"}})
    for each in searches.values():
        filters = each["knn"]["filter"] if "knn" in each else each["query"]["bool"]["filter"]
        assert own in str(filters)


def test_another_analyzer_of_the_clusters_finds_more(elasticsearch: Cluster, index_names: IndexNames) -> None:
    corp_id, names = CorpId("ww_analyzed"), IndexNames(f"{index_names.prefix}-said")
    places = IndexPlaces(elasticsearch, names, IndexShape(1, 0, "standard"))
    alias = places.ready(corp_id)
    IndexWriter(elasticsearch, analyzed=True).put(corp_id, alias, [ArticleChange("a-open", 1, OPEN)])
    elasticsearch.ask(lambda es: es.indices.refresh(index=alias))
    search = ElasticSearch(elasticsearch, names, weights=CandidateWeights(analyzed=2))
    assert [each.article_id for each in search.search(corp_id, "开门\ud800时间", 3)] == ["a-open"]
    assert search.search(corp_id, "the vector", 3) == (), "whatever stands for something in our own requests"
