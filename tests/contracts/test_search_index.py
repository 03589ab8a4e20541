"""What every SearchIndex promises, by words alone and with meaning. A new one is one more builder in `BUILDERS`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.deadlines import wait_until
from tests.fakes import SettableClock
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.domain.knowledge import Article, ArticleChange, Passage, SearchMode
from wecom_bot.domain.message import Attachment, CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Articles, Clock, SearchIndex

ACME, OTHER = CorpId("ww_acme"), CorpId("ww_other")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DECEMBER = [Article("g-december", "十二月还营业吗", "照常营业。")]
SHOP = (
    Article("a-track", "怎么查物流", "在订单里看。", ("查一下我的包裹", "快递到哪了")),
    Article("b-refund", "退款多久到账", "三个工作日。", ("钱多久退回来",)),
    Article("c-refund-where", "退款退到哪里", "原路退回。"),
    Article("d-invoice", "怎么开发票", "点申请发票。", ("可以开票吗",)),
    Article("e-wifi", "WiFi 连不上怎么办", "重启路由器。"),
)


@dataclass
class WrittenArticles:
    """Articles in memory, that can go away."""

    written: dict[CorpId, dict[str, Article]] = field(default_factory=dict)
    revisions: dict[CorpId, int] = field(default_factory=dict)
    away: bool = False

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        self._reach()
        return [article for _, article in sorted(self.written.get(corp_id, {}).items())]

    def save(self, corp_id: CorpId, articles: Iterable[Article]) -> int:
        fresh = {article.article_id: article for article in articles}
        self.written.setdefault(corp_id, {}).update(fresh)
        self.revisions[corp_id] = self.revisions.get(corp_id, 0) + 1
        return len(fresh)

    def remove(self, corp_id: CorpId, article_ids: Iterable[str]) -> int:
        self.revisions[corp_id] = self.revisions.get(corp_id, 0) + 1
        return sum(self.written[corp_id].pop(article_id, None) is not None for article_id in article_ids)

    def revision(self, corp_id: CorpId) -> int:
        self._reach()
        return self.revisions.get(corp_id, 0)

    def _reach(self) -> None:
        if self.away:
            raise TemporaryFailure("away")


@contextmanager
def embedded(articles: Articles, folder: Path, clock: Clock, embedder: Embedder | None) -> Iterator[SearchIndex]:
    index = EmbeddedSearch(folder / "search.sqlite", articles, timedelta(milliseconds=5), embedder, clock)
    index.start()
    yield index
    index.stop()


@contextmanager
def elastic(
    articles: Articles, folder: Path, clock: Clock, places: IndexPlaces, embedder: Embedder | None
) -> Iterator[SearchIndex]:
    yield FollowedElastic(articles, places, clock, embedder, folder.name)


@dataclass
class FollowedElastic:
    """The adapter behind an indexer that is done before each question. Tenants are each test's own, in one index."""

    articles: Articles
    places: IndexPlaces
    clock: Clock
    embedder: Embedder | None
    test: str
    seen: dict[CorpId, dict[str, Article]] = field(default_factory=dict)
    revisions: dict[CorpId, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = ElasticSearch(self.places.cluster, self.places.names, self.clock, embedder=self.embedder)
        self.writer = IndexWriter(self.places.cluster, self.embedder)

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        return self.index.search(self._followed(corp_id), query, limit)

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self.index.get(self._followed(corp_id), article_id)

    def _followed(self, corp_id: CorpId) -> CorpId:
        renamed = CorpId(f"{corp_id}-{self.test}")
        with suppress(TemporaryFailure):
            revision = self.articles.revision(corp_id)
            if self.revisions.get(corp_id) != revision:
                self._index(corp_id, renamed, revision)
        return renamed

    def _index(self, corp_id: CorpId, renamed: CorpId, revision: int) -> None:
        before, now = self.seen.get(corp_id, {}), {each.article_id: each for each in self.articles.load(corp_id)}
        changed = [key for key in before | now if before.get(key) != now.get(key)]
        alias = self.places.ready(renamed)
        self.writer.put(renamed, alias, [ArticleChange(key, revision, now.get(key)) for key in changed])
        self.places.cluster.ask(lambda es: es.indices.refresh(index=alias))
        self.seen[corp_id], self.revisions[corp_id] = now, revision


Build = Callable[[Articles, Path, Clock], AbstractContextManager[SearchIndex]]
BUILDERS = ("lexical", "hybrid", "elastic lexical", "elastic hybrid")


@pytest.fixture
def articles() -> WrittenArticles:
    written = WrittenArticles()
    written.save(ACME, SHOP)
    return written


@pytest.fixture(params=BUILDERS)
def builder(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mode(builder: str) -> str:
    return builder.rpartition(" ")[2]


@pytest.fixture
def build(request: pytest.FixtureRequest, builder: str, mode: str) -> Build:
    model = request.getfixturevalue("embedder") if mode == "hybrid" else None
    if builder.startswith("elastic"):
        return partial(elastic, places=request.getfixturevalue("index_places"), embedder=model)
    return partial(embedded, embedder=model)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def index(build: Build, articles: WrittenArticles, tmp_path: Path, clock: Clock) -> Iterator[SearchIndex]:
    with build(articles, tmp_path, clock) as made:
        yield made


def ids(index: SearchIndex, query: str, limit: int = 3, corp_id: CorpId = ACME) -> list[str]:
    return [passage.article_id for passage in index.search(corp_id, query, limit)]


@pytest.mark.parametrize(
    "query", ["快递到哪了", "快递到哪了？", "快遞到哪了", "快递 到哪了！", "wifi连不上怎么办", "ＷＩＦＩ連不上怎麼辦"]
)
def test_the_same_words_are_certain(index: SearchIndex, query: str) -> None:
    best = index.search(ACME, query, 1)[0]
    assert best.score == 1
    assert best.article_id in {"a-track", "e-wifi"}


def test_a_passage_says_the_question_the_answer_and_the_phrasing_that_matched(index: SearchIndex) -> None:
    best = index.search(ACME, "快递到哪了", 1)[0]
    assert (best.question, best.answer, best.matched) == ("怎么查物流", "在订单里看。", "快递到哪了")
    near = index.search(ACME, "帮我查一下包裹", 1)[0]
    assert (near.article_id, near.matched) == ("a-track", "查一下我的包裹")


def test_a_passage_carries_what_the_article_shows(index: SearchIndex, articles: WrittenArticles) -> None:
    shown = (Attachment("link", "地图", url="https://a.cn/m"), Attachment("image", picture="map.png"))
    articles.save(ACME, [Article("g-shop", "门店地址在哪里", "在一楼。", ("你们店在哪",), shown)])
    found = [index.get(ACME, "g-shop"), *(index.search(ACME, asked, 1)[0] for asked in ("你们店在哪", "门店的地址"))]
    assert [passage and (passage.article_id, passage.attachments) for passage in found] == [("g-shop", shown)] * 3
    articles.save(ACME, [Article("g-shop", "门店地址在哪里", "在一楼。", ("你们店在哪",))])
    wait_until(lambda: not index.search(ACME, "你们店在哪", 1)[0].attachments)


def test_a_passage_says_that_its_article_is_careful(index: SearchIndex, articles: WrittenArticles) -> None:
    articles.save(ACME, [Article("g-word", "怎么改密码", "先验证身份。", ("改口令",), careful=True)])
    found = [index.get(ACME, "g-word"), *(index.search(ACME, asked, 1)[0] for asked in ("改口令", "密码怎么改"))]
    assert [passage and (passage.article_id, passage.careful) for passage in found] == [("g-word", True)] * 3


@pytest.mark.parametrize("query", ["退款多久到账呢", "退款", "包裹", "发票怎么开", "怎么查物流 怎么开发票", "我的WiFi"])
def test_other_words_are_never_quite_certain(index: SearchIndex, query: str) -> None:
    scores = [passage.score for passage in index.search(ACME, query, 5)]
    assert scores
    assert all(0 <= score < 1 for score in scores)


def test_the_best_comes_first_and_no_more_than_asked_for(index: SearchIndex) -> None:
    passages = index.search(ACME, "退款什么时候到账", 3)
    assert passages[0].article_id == "b-refund"
    assert [each.score for each in passages] == sorted((each.score for each in passages), reverse=True)
    assert len(index.search(ACME, "退款", 1)) == 1
    assert index.search(ACME, "退款", 0) == ()


def test_two_articles_asked_in_the_same_words_are_both_certain(index: SearchIndex, articles: WrittenArticles) -> None:
    articles.save(ACME, [Article("f-twin", "可以开票吗", "可以。")])
    passages = index.search(ACME, "可以开票吗", 3)
    assert [(each.article_id, each.score) for each in passages[:2]] == [("d-invoice", 1), ("f-twin", 1)]


def test_an_unrelated_question_finds_nothing_or_nothing_much(index: SearchIndex) -> None:
    assert all(passage.score < 0.2 for passage in index.search(ACME, "明天会下雨吗", 3))


@pytest.mark.parametrize("query", ["", " ", "😀😀", "？！……", "\0", "\u200b", '"', "OR", "20251027194349284200"])
def test_a_query_without_known_words_finds_nothing_or_nothing_much(index: SearchIndex, query: str) -> None:
    assert all(passage.score < 0.1 for passage in index.search(ACME, query, 3))


@pytest.mark.parametrize(
    "attack",
    [
        '" OR *',
        '发票" OR "物流',
        "发票*",
        "question:发票",
        "NEAR(发票 物流)",
        "发票 AND NOT 物流",
        "'; DROP TABLE article; --",
        "{发票}",
        "发票\ud800",
    ],
)
def test_a_query_is_words_and_never_syntax(index: SearchIndex, attack: str) -> None:
    known = {article.article_id for article in SHOP}
    assert set(ids(index, attack, 10)) <= known
    assert ids(index, "怎么开发票", 1) == ["d-invoice"]


def test_a_query_of_ten_kilobytes_is_answered(index: SearchIndex) -> None:
    assert ids(index, "退款多久到账。" + "我等了很久了真的很着急" * 300)[0] == "b-refund"
    assert isinstance(ids(index, "".join(chr(0x4E00 + n) for n in range(3400))), list)


def test_get_is_certain_and_none_for_what_is_not_there(index: SearchIndex) -> None:
    passage = index.get(ACME, "d-invoice")
    assert passage is not None
    assert (passage.question, passage.answer, passage.score) == ("怎么开发票", "点申请发票。", 1)
    assert index.get(ACME, "nothing") is None


def test_what_is_written_changed_or_removed_is_seen(index: SearchIndex, articles: WrittenArticles) -> None:
    assert "g-pickup" not in ids(index, "能自提吗")
    articles.save(ACME, [Article("g-pickup", "能自提吗", "能。"), Article("d-invoice", "怎么报销", "用发票。")])
    wait_until(lambda: ids(index, "能自提吗", 1) == ["g-pickup"])
    assert index.search(ACME, "怎么报销", 1)[0].answer == "用发票。"
    articles.remove(ACME, ["g-pickup"])
    wait_until(lambda: "g-pickup" not in ids(index, "能自提吗"))
    assert index.get(ACME, "g-pickup") is None


def test_an_article_is_found_from_its_first_moment_until_its_last(
    index: SearchIndex, articles: WrittenArticles, mode: str, clock: SettableClock
) -> None:
    until = NOON + timedelta(hours=2)
    sale = Article("g-sale", "双十一怎么满减", "满三百减五十。", ("双十一满减规则",), valid_until=until)
    articles.save(ACME, [replace(sale, valid_from=NOON + timedelta(hours=1)), *DECEMBER])
    wait_until(lambda: index.search(ACME, "十二月还营业吗", 1)[0].mode is SearchMode(mode))
    asked = ("双十一怎么满减", "双十一满减规则", "双十一的满减怎么算")
    assert not any("g-sale" in ids(index, each) for each in asked)
    assert index.get(ACME, "g-sale") is None
    clock.forward(hours=1)
    found = [index.get(ACME, "g-sale"), *(index.search(ACME, each, 1)[0] for each in asked)]
    assert [each and (each.article_id, each.valid_until) for each in found] == [("g-sale", until)] * 4
    clock.forward(hours=1)
    assert not any("g-sale" in ids(index, each) for each in asked)
    assert index.get(ACME, "g-sale") is None


def test_what_is_not_valid_takes_no_place_of_what_is(index: SearchIndex, articles: WrittenArticles, mode: str) -> None:
    gone = [
        Article(f"old{n}", "十二月还营业吗", "营业", (f"十二月{n}号还营业吗",), valid_until=NOON) for n in range(40)
    ]
    articles.save(ACME, [*gone, *DECEMBER])
    wait_until(lambda: index.search(ACME, "十二月份你们还营业不", 1)[0].mode is SearchMode(mode))
    assert ids(index, "十二月份你们还营业不", 1) == ["g-december"]
    assert not any(each.startswith("old") for each in ids(index, "十二月7号还营业吗", 10))


def test_an_empty_collection_finds_nothing(index: SearchIndex) -> None:
    assert ids(index, "退款", corp_id=OTHER) == []


def test_with_the_articles_away_what_was_indexed_still_answers(index: SearchIndex, articles: WrittenArticles) -> None:
    assert ids(index, "怎么开发票", 1) == ["d-invoice"]
    articles.away = True
    assert ids(index, "怎么开发票", 1) == ["d-invoice"]
    articles.away = False
    articles.save(ACME, [Article("g-pickup", "能自提吗", "能。")])
    wait_until(lambda: ids(index, "能自提吗", 1) == ["g-pickup"])


def test_what_was_never_indexed_and_cannot_be_read_is_a_failure_for_now(
    index: SearchIndex, articles: WrittenArticles
) -> None:
    articles.away = True
    with pytest.raises(TemporaryFailure):
        index.search(ACME, "怎么开发票", 1)


def test_tenants_do_not_see_each_other(index: SearchIndex, mode: str, articles: WrittenArticles) -> None:
    articles.save(
        OTHER, [Article("a-track", "怎么查物流", "别家的答案。"), Article("z-secret", "内部暗号", "芝麻开门")]
    )
    assert [each.answer for each in index.search(ACME, "怎么查物流", 1)] == ["在订单里看。"]
    assert [each.answer for each in index.search(OTHER, "怎么查物流", 1)] == ["别家的答案。"]
    assert "z-secret" not in ids(index, "内部暗号")
    assert index.get(ACME, "z-secret") is None
    wait_until(lambda: index.search(ACME, "退款什么时候到账", 1)[0].mode is SearchMode(mode))
    before = index.search(ACME, "退款什么时候到账", 3)
    articles.save(OTHER, [Article(f"n{n}", f"退款问题{n}", "到账") for n in range(50)])
    wait_until(lambda: ids(index, "退款问题7", 1, OTHER) == ["n7"])
    assert index.search(ACME, "退款什么时候到账", 3) == before  # not even their words weigh here
