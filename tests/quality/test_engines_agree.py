"""The same questions to both engines: a score means the same whichever answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.quality.questions import DATA, articles, questions
from tests.quality.test_search_quality import Unchanging
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.domain.knowledge import ArticleChange, Passage
from wecom_bot.domain.message import CorpId

CORP = CorpId("ww_quality")
FILES = ("retail_queries.jsonl", "retail_out_of_scope.jsonl", "far_questions.jsonl")
LEAST = {"lexical": 0.94, "hybrid": 0.98}  # .961 .998: by words alone fifty candidates are looked at, not twenty


@dataclass(frozen=True)
class Both:
    """What each engine found, question by question."""

    found: Sequence[tuple[Sequence[Passage], Sequence[Passage]]]

    def share(self, first: int) -> float:
        """How many have the same first so many, in the same order."""
        same = [_ids(one[:first]) == _ids(other[:first]) for one, other in self.found]
        return sum(same) / len(same)

    def farthest(self) -> float:
        """By how much the scores of an article that both show differ at most."""
        return max(
            abs(one.score - other.score)
            for here, there in self.found
            for one in here
            for other in there
            if one.article_id == other.article_id
        )


def _ids(passages: Sequence[Passage]) -> list[str]:
    return [each.article_id for each in passages]


def indexed(places: IndexPlaces, corp_id: CorpId, embedder: Embedder | None) -> ElasticSearch:
    writer = IndexWriter(places.cluster, embedder)
    alias = places.ready(corp_id)
    writer.put(corp_id, alias, [ArticleChange(each.article_id, 1, each) for each in articles()])
    places.cluster.ask(lambda es: es.indices.refresh(index=alias))
    return ElasticSearch(places.cluster, places.names, embedder=embedder)


@pytest.fixture(scope="module", params=["lexical", "hybrid"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def both(
    request: pytest.FixtureRequest, mode: str, index_places: IndexPlaces, tmp_path_factory: pytest.TempPathFactory
) -> Both:
    embedder = request.getfixturevalue("embedder") if mode == "hybrid" else None
    here = EmbeddedSearch(tmp_path_factory.mktemp("agree") / "search.sqlite", Unchanging(articles()), embedder=embedder)
    here.prepare(CORP)
    corp_id = CorpId(f"{CORP}-{mode}")
    there = indexed(index_places, corp_id, embedder)
    asked = [each.text for name in FILES for each in questions(DATA / name)][::3]  # all: see tests.load.search
    return Both([(here.search(CORP, text, 3), there.search(corp_id, text, 3)) for text in asked])


def test_the_first_article_is_the_same(both: Both) -> None:
    assert both.share(1) >= 0.99


def test_the_first_three_are_the_same(both: Both, mode: str) -> None:
    assert both.share(3) >= LEAST[mode]


def test_scores_mean_the_same(both: Both) -> None:
    assert both.farthest() <= 0.01
