"""The search of a worker where a search engine is set: watched, and never without the next best."""

from pathlib import Path

import pytest

from tests.fakes import FixedTenants, no_limit, tenant
from tests.fixtures.scripted_elasticsearch import Told, standing_in
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.neighbours import Neighbours
from wecom_bot.bootstrap.search import watched_search
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.settings import Settings, load

ACME = CorpId("ww_acme")


def furnished(folder: Path, **given: object) -> tuple[Settings, Neighbours]:
    settings = load(None, data=folder, **given)
    SqlArticles(stores.sql_engine(settings)).save(ACME, [Article("refund", "怎么退货", "七天内可以退货", ("能退吗",))])
    return settings, Neighbours(no_limit)


def test_an_engine_that_fails_is_told_of_and_the_copy_answers(tmp_path: Path) -> None:
    with standing_in(lambda _: Told(503)) as url:
        settings, neighbours = furnished(tmp_path, search_url=url)
        engine = stores.sql_engine(settings)
        search = watched_search(settings, engine, None, FixedTenants.of(tenant(ACME)), neighbours)
        for _, chore in neighbours.errands():
            chore()
        assert [each.article_id for each in search.search(ACME, "怎么退货", 1)] == ["refund"]
    assert neighbours.condition()["down"] == ["search"]
    assert neighbours.usages["elasticsearch"]().in_use == 0


def test_without_a_copy_nobody_answers_and_that_is_a_failure_that_passes(tmp_path: Path) -> None:
    with standing_in(lambda _: Told(503)) as url:
        settings, neighbours = furnished(tmp_path, search_url=url, search_copy=1)
        engine = stores.sql_engine(settings)
        search = watched_search(settings, engine, None, FixedTenants.of(tenant(ACME)), neighbours)
        with pytest.raises(TemporaryFailure):
            search.search(ACME, "怎么退货", 1)


def test_the_search_that_comes_along_is_no_engine_to_watch(tmp_path: Path) -> None:
    settings, neighbours = furnished(tmp_path)
    engine = stores.sql_engine(settings)
    search = watched_search(settings, engine, None, FixedTenants.of(tenant(ACME)), neighbours)
    assert [each.article_id for each in search.search(ACME, "怎么退货", 1)] == ["refund"]
    assert neighbours.condition() == {"down": [], "circuits": []}
