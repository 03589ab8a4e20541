"""How vectors come into the index: in the background, once, and only for what changed."""

from collections.abc import Iterator, MutableMapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.contracts.test_search_index import ACME, OTHER, SHOP, WrittenArticles
from tests.deadlines import wait_until
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.domain.knowledge import Article, SearchMode

SOON = timedelta(milliseconds=5)
QUESTION = "我买的东西走到哪儿了"


@pytest.fixture
def articles() -> WrittenArticles:
    written = WrittenArticles()
    written.save(ACME, SHOP)
    return written


@pytest.fixture
def search(articles: WrittenArticles, embedder: Embedder, tmp_path: Path) -> Iterator[EmbeddedSearch]:
    made = EmbeddedSearch(tmp_path / "search.sqlite", articles, recheck=SOON, embedder=embedder)
    made.start()
    yield made
    made.stop()


def mode(search: EmbeddedSearch) -> SearchMode | None:
    found = search.search(ACME, QUESTION, 3)
    modes = {passage.mode for passage in found}
    assert len(modes) == 1  # never two in one ranking
    return modes.pop()


def embedded(logs: Sequence[MutableMapping[str, Any]]) -> list[object]:
    return [line["texts"] for line in logs if line["event"] == "meaning.made"]


def test_soon_meaning_counts_and_finds_what_no_word_says(search: EmbeddedSearch) -> None:
    wait_until(lambda: mode(search) is SearchMode.HYBRID)
    assert search.search(ACME, "东西寄到什么位置了", 1)[0].article_id == "a-track"


def test_only_what_changed_is_embedded(articles: WrittenArticles, search: EmbeddedSearch) -> None:
    with capture_logs() as logs:
        wait_until(lambda: mode(search) is SearchMode.HYBRID)
        articles.save(ACME, [Article("f-gift", "可以包成礼物吗", "可以。", ("能送礼盒吗",))])
        wait_until(lambda: search.search(ACME, "礼品包装有没有", 1)[0].article_id == "f-gift")
        wait_until(lambda: mode(search) is SearchMode.HYBRID)
    whole = sum(2 + len(each.similar) for each in SHOP)
    assert embedded(logs) == [whole, 3]


def test_the_next_process_only_reads_them(articles: WrittenArticles, embedder: Embedder, tmp_path: Path) -> None:
    with capture_logs() as logs:
        for _ in range(2):
            made = EmbeddedSearch(tmp_path / "search.sqlite", articles, embedder=embedder)
            made.prepare(ACME)
            assert mode(made) is SearchMode.HYBRID
    assert len(embedded(logs)) == 1


def test_what_is_gone_leaves_no_vector(articles: WrittenArticles, embedder: Embedder, tmp_path: Path) -> None:
    made = EmbeddedSearch(tmp_path / "search.sqlite", articles, embedder=embedder)
    made.prepare(ACME)
    articles.remove(ACME, [each.article_id for each in SHOP[1:]])
    made.prepare(ACME)
    with made._file.reading() as connection:  # noqa: SLF001 - what the file holds is the point
        assert connection.execute("SELECT count(*) FROM vector").fetchone() == (2 + len(SHOP[0].similar),)


@pytest.mark.parametrize("error", [OSError, RuntimeError])  # onnxruntime's own are no OSErrors
def test_the_words_answer_while_the_vectors_cannot_be_made_and_it_is_tried_again(
    articles: WrittenArticles, embedder: Embedder, tmp_path: Path, error: type[Exception]
) -> None:
    tries: list[str] = []

    def fails(text: str, _most: int) -> object:
        tries.append(text)
        raise error("no memory")

    broken = Embedder(embedder.identity, fails)  # type: ignore[arg-type]
    made = EmbeddedSearch(tmp_path / "search.sqlite", articles, recheck=SOON, embedder=broken)
    made.start()
    try:
        assert mode(made) is SearchMode.LEXICAL
        assert made.search(ACME, "怎么查物流", 1)[0].score == 1
        wait_until(lambda: len(tries) > 1)
    finally:
        made.stop()


def test_another_tenant_s_vectors_are_no_neighbours(articles: WrittenArticles, search: EmbeddedSearch) -> None:
    articles.save(OTHER, [Article("x", "我的包裹走到哪里了", "别家的。")])
    wait_until(lambda: mode(search) is SearchMode.HYBRID)
    assert {each.answer for each in search.search(ACME, QUESTION, 20)} <= {each.answer for each in SHOP}


def test_a_tenant_without_articles_is_asked_in_vain(search: EmbeddedSearch) -> None:
    assert search.search(OTHER, QUESTION, 3) == ()


@pytest.mark.parametrize("query", ["？？", "😀", "", "12345678901234"])
def test_a_question_without_words_finds_nothing_sure(search: EmbeddedSearch, query: str) -> None:
    wait_until(lambda: mode(search) is SearchMode.HYBRID)
    assert all(passage.score < 0.18 for passage in search.search(ACME, query, 3))
