"""The contracts of ports.IndexStandings and ports.PoisonList."""

from collections.abc import Iterable

import pytest
import sqlalchemy as sa

from tests.fakes import SettableClock
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.adapters.sql.poison import SqlPoisonList
from wecom_bot.adapters.sql.standings import SqlIndexStandings
from wecom_bot.domain.indexing import IndexStanding, PoisonArticle
from wecom_bot.domain.knowledge import Article, Position
from wecom_bot.domain.message import CorpId

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
CHANGED = PoisonArticle("a1", 3, "document_parsing_exception")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def articles(sql_engine: sa.Engine, clock: SettableClock) -> SqlArticles:
    return SqlArticles(sql_engine, clock)


@pytest.fixture
def positions(sql_engine: sa.Engine) -> SqlIndexPositions:
    return SqlIndexPositions(sql_engine)


@pytest.fixture
def standings(sql_engine: sa.Engine) -> SqlIndexStandings:
    return SqlIndexStandings(sql_engine)


@pytest.fixture
def poison(sql_engine: sa.Engine) -> SqlPoisonList:
    return SqlPoisonList(sql_engine)


def written(*ids: str) -> Iterable[Article]:
    return [Article(each, "几点关门", "九点") for each in ids]


def test_a_tenant_that_no_index_follows_is_behind(standings: SqlIndexStandings, articles: SqlArticles) -> None:
    assert standings.behind() == standings.all() == []
    articles.save(ACME, written("a1"))
    assert standings.behind() == [IndexStanding(ACME, "", Position(), 1)]
    assert standings.behind()[0].behind == 1


def test_an_index_is_behind_until_it_has_read_the_last_revision_to_its_end(
    standings: SqlIndexStandings, articles: SqlArticles, positions: SqlIndexPositions
) -> None:
    articles.save(ACME, written("a1", "a2"))
    positions.put(ACME, "x", Position())
    assert standings.behind() == [IndexStanding(ACME, "x", Position(), 1)]
    positions.put(ACME, "x", Position(1, "a1"))
    assert [(each.position, each.behind) for each in standings.behind()] == [(Position(1, "a1"), 1)]
    positions.put(ACME, "x", Position(1))
    assert standings.behind() == []
    articles.remove(ACME, ["a1"])
    assert [(each.index, each.revision, each.behind) for each in standings.behind()] == [("x", 2, 1)]


def test_since_when_is_when_the_oldest_change_was_saved_that_is_not_in_it(
    standings: SqlIndexStandings, articles: SqlArticles, positions: SqlIndexPositions, clock: SettableClock
) -> None:
    first = clock.at
    articles.save(ACME, written("a1"))
    clock.forward(minutes=1)
    second = clock.at
    articles.save(ACME, written("a2"))
    clock.forward(minutes=1)
    articles.save(ACME, written("a1"))
    for index, revision in (("w", 0), ("x", 1), ("y", 3)):
        positions.put(ACME, index, Position(revision))
    # the first version of a1 is overtaken, and still the oldest that the index has not read
    assert [(each.index, each.behind_since) for each in standings.all()] == [("w", first), ("x", second), ("y", None)]


def test_an_index_that_has_read_what_sql_does_not_know_is_of_another_database(
    standings: SqlIndexStandings, articles: SqlArticles, positions: SqlIndexPositions
) -> None:
    articles.save(ACME, written("a1"))
    positions.put(ACME, "x", Position(7))
    (found,) = standings.all()
    assert found.of_another_database
    assert standings.behind() == []


def test_articles_are_counted_as_they_are_now(standings: SqlIndexStandings, articles: SqlArticles) -> None:
    articles.save(ACME, written("a1", "a2", "a3"))
    articles.remove(ACME, ["a2"])
    assert (standings.written(ACME), standings.written(GLOBEX)) == (2, 0)


def test_what_was_refused_is_listed_until_it_is_taken(poison: SqlPoisonList) -> None:
    other = PoisonArticle("a2", 3, "mapper_exception")
    poison.note(ACME, "x", {"a0", "a1", "a2"}, [CHANGED, other])
    assert poison.of(ACME) == [("x", CHANGED), ("x", other)]
    poison.note(ACME, "y", {"a1"}, [CHANGED])
    assert poison.counts() == {ACME: 2}
    again = PoisonArticle("a2", 4, "mapper_exception")
    poison.note(ACME, "x", {"a1", "a2"}, [again])
    assert poison.of(ACME) == [("x", again), ("y", CHANGED)]


def test_what_an_index_refused_goes_with_it(poison: SqlPoisonList) -> None:
    for corp_id in (ACME, GLOBEX):
        for index in ("x", "y"):
            poison.note(corp_id, index, {"a1"}, [CHANGED])
    poison.drop("x")
    poison.drop("y", GLOBEX)
    assert (poison.of(ACME), poison.of(GLOBEX)) == ([("y", CHANGED)], [])


def test_tenants_do_not_see_each_other(
    standings: SqlIndexStandings, articles: SqlArticles, positions: SqlIndexPositions, poison: SqlPoisonList
) -> None:
    articles.save(ACME, written("a1"))
    articles.save(GLOBEX, written("a1"))
    articles.save(GLOBEX, written("a1", "a2"))
    positions.put(ACME, "x", Position(1))
    assert standings.behind() == [IndexStanding(GLOBEX, "", Position(), 2)]
    poison.note(GLOBEX, "x", {"a1"}, [CHANGED])
    poison.note(ACME, "x", {"a1"}, [])
    assert (poison.of(ACME), poison.of(GLOBEX)) == ([], [("x", CHANGED)])
    assert (standings.written(ACME), standings.written(GLOBEX)) == (1, 2)
