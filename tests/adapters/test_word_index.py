"""The words in memory: the same numbers as the tables of the file give."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.quality.questions import DATA, articles, questions
from tests.quality.test_search_quality import CORP, Unchanging
from wecom_bot.adapters.search import tenant_index
from wecom_bot.adapters.search.asked import distinct, telling
from wecom_bot.adapters.search.confidence import ARTICLES, confidence, featured
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.highest import highest
from wecom_bot.adapters.search.index_file import IndexFile
from wecom_bot.adapters.search.word_index import WordIndex
from wecom_bot.domain.knowledge import Article

ODD = (
    Article("a", "😀", ""),
    Article("b", "怎么怎么怎么", "的的的"),
    Article("c", "WiFi 连不上", "", ("wifi WIFI wi-fi", "？？")),
    Article("d", "WiFi 连不上", "重启路由器。"),
)
ALONE = (Article("only", "怎么退货", "七天内都可以退。", ("能退吗",)),)


def by_words(words: WordIndex, question: str) -> list[tuple[str, float]]:
    asked = distinct(question)
    numbers = words.best(telling(asked), 20)
    found = featured(*words.common(asked, numbers)) if numbers else []
    ranked = [(key, ARTICLES(confidence(features))) for key, _, features in found]
    return sorted(ranked, key=lambda each: (-each[1], each[0]))


@pytest.mark.parametrize("written", [articles(), ODD, ALONE])
def test_the_likeliest_by_words_are_the_same_to_the_last_bit(written: Sequence[Article], tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    search = EmbeddedSearch(path, Unchanging(written))
    search.prepare(CORP)
    with IndexFile(path).reading() as connection:
        tenant = tenant_index.number(connection, CORP)
        assert tenant is not None
        words = WordIndex.of(connection, tenant)
    asked = [each.text for name in ("retail_queries", "far_questions") for each in questions(DATA / f"{name}.jsonl")]
    for question in (*asked, "wifi连不上咋办", "怎么", "的", "没有这个词吗"):
        tables = [(each.article_id, each.score) for each in search.search(CORP, f"{question}吗呢", 20)]
        assert by_words(words, f"{question}吗呢") == tables


@pytest.mark.parametrize(("most", "found"), [(1, [1]), (2, [1, 3]), (3, [1, 3, 0]), (9, [1, 3, 0, 2])])
def test_of_equal_numbers_the_first_ones_are_the_highest(most: int, found: list[int]) -> None:
    assert highest(np.array([0.5, 0.9, 0.5, 0.9]), most) == found
