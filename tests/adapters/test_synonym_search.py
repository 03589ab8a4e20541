"""Search in a tenant's other words: which articles are found, how sure that is, and from when on."""

from pathlib import Path

import pytest

from tests.contracts.test_search_index import ACME, OTHER, WrittenArticles
from tests.fakes import FixedTenants, tenant
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.synonyms import SynonymSearch
from wecom_bot.domain.knowledge import Article, Passage, SearchMode

GROUP = "退货 = 退件 = 退回"


class House:
    """A search over a shop's articles, whose synonyms may change at any time."""

    def __init__(self, folder: Path) -> None:
        written = WrittenArticles()
        shop = (
            Article("a", "怎么申请退货", "在订单里申请。", ("我要退货",)),
            Article("b", "怎么开发票", "点申请发票。"),
            Article("c", "几天到货", "三天。"),
        )
        written.save(ACME, shop)
        written.save(OTHER, shop)
        self.tenants = FixedTenants.of(tenant(ACME), tenant(OTHER))
        self.plain = EmbeddedSearch(folder / "search.sqlite", written)
        self.search = SynonymSearch(self.plain, self.tenants.get)

    def teach(self, *groups: str) -> None:
        self.tenants.tenants[ACME] = tenant(ACME, synonyms=list(groups))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_is_asked_in_another_word_is_found_as_if_in_the_articles(house: House) -> None:
    before = house.search.search(ACME, "退件怎么申请", 3)
    house.teach(GROUP)
    after = house.search.search(ACME, "退件怎么申请", 3)
    assert after[0] == house.plain.search(ACME, "退货怎么申请", 3)[0]
    assert after[0].score > max((each.score for each in before), default=0)
    assert len({each.article_id for each in after}) == len(after)
    assert house.search.search(ACME, "我要退件", 1)[0].score == 1


def test_the_very_words_of_an_article_go_first(house: House) -> None:
    house.teach("开发票 = 申请退货")
    assert [each.article_id for each in house.search.search(ACME, "怎么开发票", 1)] == ["b"]


def test_without_the_words_of_a_group_nothing_changes(house: House) -> None:
    for asked in ("怎么开票", "几天能到", "", "你好"):
        before = house.search.search(ACME, asked, 3)
        house.teach(GROUP)
        assert house.search.search(ACME, asked, 3) == before
    assert house.search.get(ACME, "b") == house.plain.get(ACME, "b")


def test_no_more_are_given_than_asked_for_and_the_best_first(house: House) -> None:
    house.teach("退件 = 退货 = 开发票 = 到货")
    found = house.search.search(ACME, "怎么退件", 2)
    assert len(found) == 2
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_scores_of_two_rankings_are_never_mixed() -> None:
    class Changing:
        """Implements ports.SearchIndex: the vectors are there for the second question."""

        def search(self, corp_id: str, query: str, limit: int) -> list[Passage]:  # noqa: ARG002
            mode = SearchMode.LEXICAL if query == "退件" else SearchMode.HYBRID
            return [Passage(query, query, "", 0.5, mode=mode)]

        def get(self, corp_id: str, article_id: str) -> None: ...

    found = SynonymSearch(Changing(), lambda _: tenant(ACME, synonyms=[GROUP])).search(ACME, "退件", 5)
    assert [each.article_id for each in found] == ["退件"]


def test_tenants_do_not_share_their_words(house: House) -> None:
    house.teach(GROUP)
    assert house.search.search(OTHER, "我要退件", 3) == house.plain.search(OTHER, "我要退件", 3)
