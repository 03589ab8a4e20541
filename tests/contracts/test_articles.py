"""The contracts of ports.Articles and ports.ArticleBook."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.fakes import SettableClock
from tests.fixtures.nasty_text import INJECTIONS, nasty_texts
from wecom_bot.adapters.sql.article_pruning import LONGEST_REMOVED, MOST_VERSIONS
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.domain.knowledge import Article, ArticleChange, ArticleVersion, Position
from wecom_bot.domain.message import Attachment, CorpId
from wecom_bot.errors import ChangedMeanwhile

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
REFUND = Article("refund", "怎么退货？", "七天内可以退货 📦", ("我要退货", "能退吗"))
POST = Article("post", "几天到货", "三天")


@pytest.fixture
def articles(sql_engine: sa.Engine) -> SqlArticles:
    return SqlArticles(sql_engine)


def test_saved_articles_come_back_whole_and_by_id(articles: SqlArticles) -> None:
    assert articles.save(ACME, [REFUND, POST]) == 2
    assert articles.load(ACME) == [POST, REFUND]


def test_what_an_article_shows_comes_back_with_it(articles: SqlArticles) -> None:
    shown = (Attachment("link", "地图 📍", url="https://a.cn/m"), Attachment("image", picture="map.png"))
    articles.save(ACME, [replace(POST, attachments=shown), REFUND])
    assert [article.attachments for article in articles.load(ACME)] == [shown, ()]
    articles.save(ACME, [POST])
    assert articles.load(ACME) == [POST, REFUND]


def test_what_is_careful_stays_so(articles: SqlArticles) -> None:
    articles.save(ACME, [replace(POST, careful=True), REFUND])
    assert [article.careful for article in articles.load(ACME)] == [True, False]


def test_tags_and_validity_come_back(articles: SqlArticles) -> None:
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, 16, 0, 0, 1, tzinfo=UTC)
    season = replace(POST, tags=("双十一", "物流 📦"), valid_from=begin, valid_until=end)
    articles.save(ACME, [season, REFUND])
    assert articles.load(ACME) == [season, REFUND]
    articles.save(ACME, [POST])
    assert articles.load(ACME) == [POST, REFUND]


def test_an_article_from_before_there_was_more_to_say_says_no_more(
    articles: SqlArticles, sql_engine: sa.Engine
) -> None:
    articles.save(ACME, [POST])
    with sql_engine.begin() as connection:
        connection.execute(sa.text("UPDATE articles SET attachments = NULL, careful = NULL, tags = NULL"))
    assert articles.load(ACME) == [POST]


def test_saving_an_id_again_replaces_the_article(articles: SqlArticles) -> None:
    articles.save(ACME, [REFUND, POST])
    changed = Article("refund", "退货", "不可以")
    assert articles.save(ACME, iter([changed])) == 1
    assert articles.load(ACME) == [POST, changed]


def test_ids_that_differ_only_by_case_are_different(articles: SqlArticles) -> None:
    lower, upper = Article("a1", "小", "小"), Article("A1", "大", "大")
    articles.save(ACME, [lower, upper])
    assert articles.load(ACME) == [upper, lower]


def test_a_batch_that_breaks_off_changes_nothing(articles: SqlArticles) -> None:
    def broken() -> Iterator[Article]:
        yield REFUND
        raise ValueError("the file ends here")

    with pytest.raises(ValueError, match="ends here"):
        articles.save(ACME, broken())
    assert (articles.load(ACME), articles.revision(ACME)) == ([], 0)


def test_many_and_long_articles_fit(articles: SqlArticles) -> None:
    many = [Article(f"{number:05}", "问" * 500, "答" * 2600, ("似" * 500,) * 3) for number in range(700)]
    assert articles.save(ACME, many) == 700
    assert articles.load(ACME) == many
    assert articles.remove(ACME, [article.article_id for article in many[:650]]) == 650
    assert articles.load(ACME) == many[650:]


def test_removing_counts_what_was_there(articles: SqlArticles) -> None:
    articles.save(ACME, [REFUND, POST])
    assert articles.remove(ACME, ["refund", "refund", "nothing"]) == 1
    assert articles.remove(ACME, []) == 0
    assert articles.load(ACME) == [POST]


def test_the_revision_rises_with_every_change_and_not_without(articles: SqlArticles) -> None:
    seen = [articles.revision(ACME)]
    articles.save(ACME, [REFUND])
    seen.append(articles.revision(ACME))
    articles.remove(ACME, ["refund"])
    seen.append(articles.revision(ACME))
    articles.save(ACME, [])
    seen.append(articles.revision(ACME))
    assert seen == [0, 1, 2, 2]


def test_writers_at_the_same_time_wait_for_each_other(articles: SqlArticles) -> None:
    def write(number: int) -> None:
        articles.save(ACME, [Article(f"{each:03}", "问", str(number)) for each in range(200)])

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert articles.revision(ACME) == 6
    assert len({article.answer for article in articles.load(ACME)}) == 1  # the last one's, whole


def test_every_version_is_kept_with_who_made_it_and_when(sql_engine: sa.Engine) -> None:
    clock = SettableClock(datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC))
    articles = SqlArticles(sql_engine, clock)
    begun, changed = clock.now(), replace(REFUND, answer="不可以", tags=("售后",))
    articles.save(ACME, [REFUND, POST], "olivia")
    clock.forward(hours=1)
    articles.save(ACME, [changed], "奥斯卡")
    articles.remove(ACME, ["refund"], "rita")
    assert articles.versions(ACME, "refund", 9) == [
        ArticleVersion("refund", 3, "rita", clock.now(), None),
        ArticleVersion("refund", 2, "奥斯卡", clock.now(), changed),
        ArticleVersion("refund", 1, "olivia", begun, REFUND),
    ]
    assert [each.revision for each in articles.versions(ACME, "refund", 1, before=3)] == [2]
    assert [each.revision for each in articles.versions(ACME, "post")] == [1]
    assert articles.versions(ACME, "nothing") == articles.versions(ACME, "refund ") == []


def test_old_versions_and_what_was_removed_long_ago_are_forgotten(sql_engine: sa.Engine) -> None:
    clock, positions = SettableClock(datetime(2026, 11, 20, tzinfo=UTC)), SqlIndexPositions(sql_engine)
    articles = SqlArticles(sql_engine, clock)
    articles.save(ACME, [POST])
    for number in range(MOST_VERSIONS + 5):
        articles.save(ACME, [replace(REFUND, answer=f"{number}")])
    kept = articles.versions(ACME, "refund", 99)
    assert [each.revision for each in kept] == list(range(MOST_VERSIONS + 6, 6, -1))
    articles.remove(ACME, ["refund"])
    removed = articles.revision(ACME)
    positions.put(ACME, "slow", Position(removed - 1))
    clock.at += LONGEST_REMOVED + timedelta(days=1)
    articles.remove(ACME, ["nothing"])
    assert articles.since(ACME, Position(removed - 1)) == [ArticleChange("refund", removed, None)]
    positions.put(ACME, "slow", Position(removed + 1))
    articles.remove(ACME, ["nothing"])
    assert (articles.versions(ACME, "refund"), len(articles.versions(ACME, "post"))) == ([], 1)


def test_what_somebody_else_changed_meanwhile_is_not_written_over(articles: SqlArticles) -> None:
    articles.save(ACME, [REFUND, POST])
    with pytest.raises(ChangedMeanwhile):
        articles.save(ACME, [replace(REFUND, answer="新")], "olivia", seen=0)
    assert (articles.load(ACME), articles.revision(ACME)) == ([POST, REFUND], 1)
    assert len(articles.versions(ACME, "refund", 9)) == 1
    assert articles.save(ACME, [replace(REFUND, answer="新")], "olivia", seen=1) == 1


def test_those_that_are_asked_in_the_same_words_are_found_without_the_others(articles: SqlArticles) -> None:
    wide, mute = Article("wide", "ＡＰＰ 怎麼登錄", "点这里", ("能退吗？？",)), Article("mute", "？？", "。。")
    articles.save(ACME, [REFUND, POST, wide, mute])
    assert articles.asked_so(ACME, "new", ["app怎么登录！"]) == [wide]
    assert articles.asked_so(ACME, "new", ["能退吗", "我要退货", "几天"]) == [REFUND, wide]
    assert articles.asked_so(ACME, "post", ["谁都没问过", "！"]) == [POST]
    assert articles.asked_so(ACME, "new", (f"{number}" for number in range(1200))) == []
    articles.save(ACME, [replace(wide, similar=())])
    articles.remove(ACME, ["mute"])
    assert articles.asked_so(ACME, "mute", ["能退吗"]) == [REFUND]


def test_no_text_of_an_article_is_sql(articles: SqlArticles) -> None:
    texts = list(dict.fromkeys((*INJECTIONS, *(text.strip() for text in nasty_texts(40) if "\ud800" not in text))))
    evil = {
        each: Article(each, each, each, (each,), (Attachment("link", each, url=each),), tags=(each,))
        for each in filter(None, texts)
    }
    articles.save(ACME, [REFUND, POST])
    articles.save(ACME, evil.values(), "' OR 1=1 --")
    assert {each.article_id: each for each in articles.load(ACME)} == evil | {"refund": REFUND, "post": POST}
    assert {each.article_id: each.article for each in articles.since(ACME, Position(1))} == evil
    for each in INJECTIONS:
        (version,) = articles.versions(ACME, each, 9)
        assert (version.article, version.author) == (evil[each], "' OR 1=1 --")
        assert not articles.versions(CorpId(each), each)
        assert not articles.load(CorpId(each))
        assert evil[each] in articles.asked_so(ACME, each, [each])
        assert each not in {change.article_id for change in articles.since(ACME, Position(2, each))}
    assert articles.remove(ACME, evil, "'; --") == len(evil)
    assert articles.load(ACME) == [POST, REFUND]


def test_tenants_do_not_see_each_other(articles: SqlArticles) -> None:
    articles.save(ACME, [REFUND])
    articles.save(GLOBEX, [Article("refund", "退款", "找别人")])
    assert articles.load(ACME) == [REFUND]
    assert articles.revision(ACME) == 1
    assert articles.remove(GLOBEX, ["refund"]) == 1
    assert articles.load(ACME) == [REFUND]
    assert articles.load(GLOBEX) == []
    assert (articles.asked_so(ACME, "", ["退款"]), articles.asked_so(GLOBEX, "refund", ["能退吗"])) == ([], [])
    assert [each.article for each in articles.versions(ACME, "refund", 9)] == [REFUND]
