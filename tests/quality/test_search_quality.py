"""Bars a little below what was measured: they notice a step back, and are raised after a step forward."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.quality.questions import DATA, Question, articles, questions
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Thresholds

CORP = CorpId("ww_quality")
BARS = Thresholds()

Asked = list[tuple[Question, Sequence[Passage]]]


@dataclass(frozen=True)
class Unchanging:
    written: Sequence[Article]

    def load(self, _corp_id: CorpId) -> Sequence[Article]:
        return self.written

    def revision(self, _corp_id: CorpId) -> int:
        return 1

    def save(self, *_: object) -> int:
        raise NotImplementedError

    remove = save


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedSearch:
    return EmbeddedSearch(tmp_path_factory.mktemp("quality") / "search.sqlite", Unchanging(articles()))


def asked(search: EmbeddedSearch, path: Path) -> Asked:
    return [(question, search.search(CORP, question.text, 3)) for question in questions(path)]


def share(found: Asked, *, least: float, right: bool | None = None) -> float:
    """How many have a first passage of at least that score, and (if asked) the right or a wrong one."""
    above = [(question, passages[0]) for question, passages in found if passages and passages[0].score >= least]
    return sum(right is None or (first.article_id == question.right) is right for question, first in above) / len(found)


@pytest.fixture(scope="module")
def in_scope(search: EmbeddedSearch) -> Asked:
    return asked(search, DATA / "retail_queries.jsonl")


@pytest.fixture(scope="module")
def out_of_scope(search: EmbeddedSearch) -> Asked:
    return asked(search, DATA / "retail_out_of_scope.jsonl")


def test_the_right_article_is_first_or_among_three(in_scope: Asked) -> None:
    assert share(in_scope, least=0, right=True) >= 0.61  # 0.648
    among = sum(question.right in [each.article_id for each in passages] for question, passages in in_scope)
    assert among / len(in_scope) >= 0.81  # 0.852


def test_what_is_answered_is_mostly_right(in_scope: Asked) -> None:
    right, wrong = (share(in_scope, least=BARS.answer, right=is_right) for is_right in (True, False))
    assert right >= 0.29  # 0.330
    assert right / (right + wrong) >= 0.72  # 0.763


def test_most_customers_see_the_right_article_answered_or_in_a_menu(in_scope: Asked) -> None:
    seen = [
        question.right == passages[0].article_id
        if passages[0].score >= BARS.answer
        else question.right in [each.article_id for each in passages]
        for question, passages in in_scope
        if passages and passages[0].score >= BARS.suggest
    ]
    assert sum(seen) / len(in_scope) >= 0.64  # 0.682


def test_what_nobody_wrote_about_is_hardly_answered(out_of_scope: Asked) -> None:
    assert share(out_of_scope, least=BARS.answer) <= 0.09  # 0.042, one of 24
    assert share(out_of_scope, least=BARS.suggest) <= 0.21  # 0.125


def test_every_phrasing_of_the_collection_is_certain(search: EmbeddedSearch) -> None:
    for article in articles():
        for phrasing in (article.question, *article.similar):
            assert search.search(CORP, phrasing, 1)[0].score == 1
