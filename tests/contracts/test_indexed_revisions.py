"""Which tenants' articles are found as they are written, on every database."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.adapters.sql.indexed_revisions import SqlIndexedRevisions
from wecom_bot.domain.knowledge import Article, Position
from wecom_bot.domain.message import CorpId

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, 8, 30, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def articles(sql_engine: sa.Engine) -> SqlArticles:
    return SqlArticles(sql_engine)


def test_articles_are_all_there_once_every_index_has_followed(sql_engine: sa.Engine, articles: SqlArticles) -> None:
    revisions, positions = SqlIndexedRevisions(sql_engine), SqlIndexPositions(sql_engine)
    articles.save(ACME, [Article("a", "几点关门", "九点"), Article("b", "怎么退货", "七天内")])
    now = articles.revision(ACME)
    assert ACME not in revisions.whole(), "no index follows them"
    positions.put(ACME, "new", Position(now, "a"))
    assert ACME not in revisions.whole(), "half of a revision"
    positions.put(ACME, "new", Position(now))
    positions.put(ACME, "old", Position(now - 1))
    assert ACME not in revisions.whole(), "one is behind"
    positions.put(ACME, "old", Position(now))
    assert revisions.whole()[ACME] == now
    articles.remove(ACME, ["a"])
    assert ACME not in revisions.whole()


def test_it_is_told_when_articles_begin_and_end(sql_engine: sa.Engine, articles: SqlArticles) -> None:
    sale = Article("a", "双十一", "满减", valid_from=NOVEMBER, valid_until=DECEMBER)
    articles.save(ACME, [sale, Article("b", "怎么退货", "七天内"), Article("c", "元旦", "休息", valid_from=DECEMBER)])
    assert SqlIndexedRevisions(sql_engine).edges(ACME) == [NOVEMBER, DECEMBER]


def test_tenants_do_not_see_each_other(sql_engine: sa.Engine, articles: SqlArticles) -> None:
    revisions, positions = SqlIndexedRevisions(sql_engine), SqlIndexPositions(sql_engine)
    articles.save(ACME, [Article("a", "双十一", "满减", valid_from=NOVEMBER)])
    articles.save(GLOBEX, [Article("a", "双十一", "满减")])
    positions.put(GLOBEX, "new", Position(articles.revision(GLOBEX)))
    assert GLOBEX in revisions.whole()
    assert ACME not in revisions.whole()
    assert revisions.edges(GLOBEX) == []
