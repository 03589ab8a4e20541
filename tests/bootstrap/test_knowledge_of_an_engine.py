"""What is told of an engine apart is never newer than what it finds, for hot answers are kept by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.deadlines import wait_until
from tests.fakes import ACME
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.followed import FollowedKnowledge
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.indexed_revisions import SqlIndexedRevisions
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap import indexes, search, stores
from wecom_bot.domain.knowledge import Article, SearchMode
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.service.knowledge.works import Scope
from wecom_bot.settings import Settings, load


@dataclass
class House:
    """A worker's search of Elasticsearch, what it is told of it, and who fills it."""

    settings: Settings
    engine: sa.Engine
    followed: FollowedKnowledge

    def __post_init__(self) -> None:
        self.articles = SqlArticles(self.engine)
        self.index = indexes.index_changes(self.settings, self.engine, LocalCircuitBreaker())
        self.works = indexes.works(self.settings, self.engine)
        self.search = search.elastic_search(self.settings, None, LocalCircuitBreaker())

    def save(self, answer: str) -> None:
        """Somebody edits the one article."""
        self.articles.save(ACME, [Article("a-open", "几点开门", answer)])

    def told(self) -> str | None:
        """The revision by which an answer would be kept now."""
        state = self.followed.state(ACME)
        return state.revision if state else None

    def answer(self) -> str:
        """What a customer is told."""
        (found,) = self.search.search(ACME, "几点开门", 1)
        return found.answer

    def answers_by(self, revision: str, answer: str) -> None:
        """Wait until that revision is told: then it is what customers are told."""
        wait_until(lambda: self.told() == revision)
        assert self.answer() == answer
        assert self.told() == revision


@pytest.fixture
def house(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elasticsearch_url: str, index_names: IndexNames
) -> Iterator[House]:
    monkeypatch.chdir(tmp_path)
    given = {"URL": elasticsearch_url, "PREFIX": f"{index_names.prefix}-hot", "SHARDS": "1", "REPLICAS": "0"}
    for name, value in given.items():
        monkeypatch.setenv(f"WECOM_BOT_SEARCH_{name}", value)
    settings = load()
    engine = stores.sql_engine(settings)
    migrate.upgrade(engine)
    told, span = SqlIndexedRevisions(engine), timedelta(milliseconds=5)
    followed = FollowedKnowledge(told.whole, told.edges, SearchMode.LEXICAL, "", SystemClock(), span)
    followed.start()
    yield House(settings, engine, followed)
    followed.stop()
    engine.dispose()


def test_by_what_is_told_nothing_is_found_that_was_written_before(house: House) -> None:
    house.save("九点。")
    house.index()
    house.answers_by("1.0", "九点。")
    house.save("十点。")
    wait_until(lambda: house.told() is None)
    house.index()
    house.answers_by("2.0", "十点。")
    with house.works.alone("olivia") as still:
        house.works.rebuild(Scope(None, (ACME,)), still)
    house.answers_by("2.0", "十点。")
    house.save("十一点。")
    house.index()
    house.answers_by("3.0", "十一点。")
    survey = house.works.survey()
    with house.works.alone("olivia") as still:
        house.works.go_back(survey.all_kept([ACME]), survey, still, everybody=True)
    house.answers_by("3.0", "十一点。")
