"""The contracts of ports.ArticleChanges and ports.IndexPositions."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from wecom_bot.adapters.sql import copying
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import writing
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.adapters.sql.revisions import Revised, bump
from wecom_bot.domain.knowledge import Article, ArticleChange, Position
from wecom_bot.domain.message import Attachment, CorpId

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
REFUND = Article("refund", "怎么退货？", "七天内可以退货 📦", ("我要退货", "能退吗"))
POST = Article("post", "几天到货", "三天")
FULL = replace(
    REFUND,
    attachments=(Attachment("image", picture="map.png"),),
    careful=True,
    tags=("售后", "双十一"),
    valid_from=datetime(2026, 11, 1, tzinfo=UTC),
    valid_until=datetime(2026, 12, 1, 8, 30, 0, 250_000, tzinfo=UTC),
)


@pytest.fixture
def articles(sql_engine: sa.Engine) -> SqlArticles:
    return SqlArticles(sql_engine)


@pytest.fixture
def positions(sql_engine: sa.Engine) -> SqlIndexPositions:
    return SqlIndexPositions(sql_engine)


def by_an_older_program(engine: sa.Engine, *statements: str) -> None:
    """What a program of before the log does: it counts the change and leaves the log alone."""
    with writing(engine) as connection:
        bump(connection, Revised.ARTICLES, ACME)
        for statement in statements:
            connection.execute(sa.text(statement))


def test_what_is_there_is_read_from_the_beginning(articles: SqlArticles) -> None:
    articles.save(ACME, [FULL, POST])
    assert articles.since(ACME, Position()) == [ArticleChange("post", 1, POST), ArticleChange("refund", 1, FULL)]


def test_each_article_comes_once_at_its_newest_revision(articles: SqlArticles) -> None:
    articles.save(ACME, [REFUND, POST])
    changed = replace(REFUND, answer="不可以")
    articles.save(ACME, [changed])
    articles.remove(ACME, ["post", "nothing"])
    assert articles.since(ACME, Position()) == [ArticleChange("refund", 2, changed), ArticleChange("post", 3, None)]
    assert articles.since(ACME, Position(2)) == [ArticleChange("post", 3, None)]
    assert articles.since(ACME, Position(3)) == []


def test_an_import_of_many_is_read_in_pieces(articles: SqlArticles) -> None:
    many = [Article(f"{number:04}", f"问{number}", "答") for number in range(1100)]
    articles.save(ACME, [POST])
    articles.save(ACME, many)
    position, read, rounds = Position(), list[ArticleChange](), 0
    while some := articles.since(ACME, position, 500):
        read += some
        position, rounds = some[-1].position, rounds + 1
    assert ([each.article for each in read], rounds) == ([POST, *many], 3)


def test_what_changes_between_two_pieces_is_not_missed(articles: SqlArticles) -> None:
    one, two = Article("1", "一", "一"), Article("2", "二", "二")
    articles.save(ACME, [one, two, POST])
    first = articles.since(ACME, Position(), 1)
    articles.save(ACME, [replace(one, answer="新"), replace(two, answer="新")])
    rest = articles.since(ACME, first[-1].position)
    assert [(each.article_id, each.revision) for each in rest] == [("post", 1), ("1", 2), ("2", 2)]


def test_articles_from_before_there_was_a_log_are_in_it(articles: SqlArticles, sql_engine: sa.Engine) -> None:
    articles.save(ACME, [FULL, POST])
    by_an_older_program(
        sql_engine,
        "DELETE FROM article_versions",
        "DELETE FROM revisions WHERE what = 'article_log'",
        "UPDATE articles SET revision = NULL, author = NULL, saved_at = NULL",
    )
    assert articles.since(ACME, Position()) == [ArticleChange("post", 2, POST), ArticleChange("refund", 2, FULL)]


def test_what_an_older_program_does_beside_this_one_is_in_the_log(articles: SqlArticles, sql_engine: sa.Engine) -> None:
    articles.save(ACME, [FULL, POST])
    by_an_older_program(
        sql_engine,
        "UPDATE articles SET answer = '新' WHERE article_id = 'refund'",
        "DELETE FROM articles WHERE article_id = 'post'",
        "INSERT INTO articles (corp_id, article_id, question, similar, answer)"
        " VALUES ('ww_acme', 'n', '问', '[]', '答')",
    )
    assert articles.since(ACME, Position(1)) == [
        ArticleChange("n", 2, Article("n", "问", "答")),
        ArticleChange("post", 2, None),
        ArticleChange("refund", 2, replace(FULL, answer="新")),
    ]
    by_an_older_program(sql_engine)  # nothing: it counted, and there was nothing to remove
    assert articles.since(ACME, Position(2)) == []


def test_a_change_behind_an_older_programs_keeps_both(articles: SqlArticles, sql_engine: sa.Engine) -> None:
    articles.save(ACME, [REFUND, POST])
    by_an_older_program(sql_engine, "UPDATE articles SET answer = '新' WHERE article_id = 'refund'")
    articles.save(ACME, [replace(POST, answer="五天")])
    assert articles.since(ACME, Position(1)) == [
        ArticleChange("refund", 2, replace(REFUND, answer="新")),
        ArticleChange("post", 3, replace(POST, answer="五天")),
    ]


def test_by_what_words_an_older_program_lets_articles_be_asked_is_known(
    articles: SqlArticles, sql_engine: sa.Engine
) -> None:
    articles.save(ACME, [REFUND, POST])
    by_an_older_program(
        sql_engine,
        "UPDATE articles SET question = '多久到' WHERE article_id = 'post'",
        "DELETE FROM articles WHERE article_id = 'refund'",
    )
    moved = replace(POST, question="多久到")
    assert articles.asked_so(ACME, "", ["能退吗", "几天到货", "多久到"]) == [moved]
    by_an_older_program(sql_engine, "UPDATE articles SET question = '几点到' WHERE article_id = 'post'")
    articles.save(ACME, [REFUND])
    assert articles.asked_so(ACME, "", ["能退吗", "几点到"]) == [replace(POST, question="几点到"), REFUND]


def test_by_what_words_articles_are_asked_is_derived_anew_behind_a_backup(
    articles: SqlArticles, sql_engine: sa.Engine
) -> None:
    articles.save(ACME, [REFUND, POST])
    assert "article_wordings" not in copying.TABLES
    copying.note(sql_engine, datetime(2026, 11, 20, tzinfo=UTC))
    assert articles.asked_so(ACME, "", ["能退吗"]) == [REFUND]


def test_a_reader_beside_writers_misses_nothing(articles: SqlArticles) -> None:
    writers = [
        threading.Thread(target=lambda number=number: articles.save(ACME, [Article(f"{number}", "问", "答")]))
        for number in range(6)
    ]
    for writer in writers:
        writer.start()
    position, read = Position(), list[str]()
    while len(read) < len(writers):
        for change in articles.since(ACME, position):
            position = Position(change.revision)
            read.append(change.article_id)
    for writer in writers:
        writer.join()
    assert sorted(read) == [f"{number}" for number in range(6)]


def test_positions_come_back_until_they_are_dropped(positions: SqlIndexPositions) -> None:
    assert positions.get(ACME, "a") is None
    positions.put(ACME, "a", Position(7))
    positions.put(ACME, "a", Position(8, "编号"))
    positions.put(ACME, "b", Position(2))
    positions.put(GLOBEX, "a", Position(3))
    assert positions.get(ACME, "a") == Position(8, "编号")
    assert positions.all("a") == {ACME: Position(8, "编号"), GLOBEX: Position(3)}
    positions.drop("a", ACME)
    assert positions.all("a") == {GLOBEX: Position(3)}
    positions.drop("a")
    assert (positions.all("a"), positions.get(ACME, "b")) == ({}, Position(2))


def test_what_comes_back_from_a_backup_is_read_from_its_beginning(
    positions: SqlIndexPositions, sql_engine: sa.Engine
) -> None:
    positions.put(ACME, "a", Position(7))
    assert "search_positions" not in copying.TABLES
    copying.note(sql_engine, datetime(2026, 11, 20, tzinfo=UTC))
    assert positions.get(ACME, "a") is None


def test_tenants_do_not_see_each_other(articles: SqlArticles) -> None:
    articles.save(ACME, [REFUND])
    articles.save(GLOBEX, [Article("refund", "退款", "找别人")])
    articles.remove(GLOBEX, ["refund"])
    assert articles.since(ACME, Position()) == [ArticleChange("refund", 1, REFUND)]
    assert articles.since(GLOBEX, Position()) == [ArticleChange("refund", 2, None)]
    assert articles.revisions() == {ACME: 1, GLOBEX: 2}
