"""The operators' floor, for every door: the verbs, and which adapter goes in which of their sockets.

SQL is there from the start, for every verb asks for the tenant. What else one needs is opened, and imported, at its
first use: most commands need neither Redis nor the model, and a gateway has no memory to spare for them.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache, partial

import sqlalchemy as sa

from wecom_bot.adapters.sql.tickets import SqlTickets
from wecom_bot.adapters.sql.turns import SqlTurns
from wecom_bot.bootstrap import stores
from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.job import DeadLetter
from wecom_bot.domain.knowledge import Article, Passage, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure, Unknown
from wecom_bot.ports import CallerSource, DeadLetters, SearchIndex, TenantStore
from wecom_bot.service.knowledge.works import Works
from wecom_bot.service.operation import (
    article_versions,
    articles,
    callers,
    dead_letters,
    misses,
    orders,
    queries,
    search_indexes,
    tenants,
    tickets,
    turns,
)
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.operation import Operation
from wecom_bot.settings import Settings

# ruff: noqa: PLC0415 - see above


def operation(settings: Settings, engine: sa.Engine | None = None) -> Operation:
    """The verbs, for a command. Raises ConfigurationError, TemporaryFailure: SQL must be there and fit."""
    engine = engine or stores.sql_engine(settings)
    store = stores.tenant_store(settings, engine)

    def find(corp_id: CorpId) -> Tenant:
        try:
            return store.load(corp_id).tenant
        except Unknown as e:
            raise Unknown(f"{e}；先导入 / import it first: `wecom-bot tenants import`") from e

    return _operation(settings, engine, store, find)


def late_operation(settings: Settings, find: Callable[[CorpId], Tenant]) -> Operation:
    """The same, for who starts without SQL: nothing is opened yet, and who finds tenants has checked the schema."""
    engine = stores.unchecked_engine(settings, pool_size=2)
    return _operation(settings, engine, stores.tenant_store(settings, engine), find)


def _operation(
    settings: Settings, engine: sa.Engine, tenant_store: TenantStore, find: Callable[[CorpId], Tenant]
) -> Operation:
    admit = Admission(find)
    article_store, order_book = stores.articles(settings, engine), stores.orders(settings, engine)
    waiting, kept, letters = SqlTickets(engine), SqlTurns(engine), _LateDeadLetters(settings)
    works = cache(partial(_works, settings, engine))
    return Operation(
        import_tenants=tenants.ImportTenants(admit, tenant_store),
        export_tenants=tenants.ExportTenants(admit, tenant_store),
        list_tenants=tenants.ListTenants(admit, tenant_store),
        show_tenant=tenants.ShowTenant(admit, tenant_store),
        switch_tenant=tenants.SwitchTenant(admit, tenant_store),
        remove_tenant=tenants.RemoveTenant(admit, tenant_store),
        set_threshold=tenants.SetThreshold(admit, tenant_store),
        import_articles=articles.ImportArticles(admit, article_store, partial(_search_over, settings)),
        list_articles=articles.ListArticles(admit, article_store),
        show_article=article_versions.ShowArticle(admit, article_store),
        save_article=article_versions.SaveArticle(admit, article_store),
        remove_articles=articles.RemoveArticles(admit, article_store),
        list_article_versions=article_versions.ListArticleVersions(admit, article_store),
        roll_back_article=article_versions.RollBackArticle(admit, article_store),
        list_duplicates=article_versions.ListDuplicates(admit, article_store),
        try_question=articles.TryQuestion(admit, partial(_tried, settings, engine)),
        import_orders=orders.ImportOrders(admit, order_book),
        list_orders=orders.ListOrders(admit, order_book),
        remove_orders=orders.RemoveOrders(admit, order_book),
        try_query=queries.TryQuery(admit, partial(_queried, settings, tenant_store)),
        list_tickets=tickets.ListTickets(admit, waiting),
        close_ticket=tickets.CloseTicket(admit, waiting),
        list_turns=turns.ListTurns(admit, kept),
        list_customer_turns=turns.ListCustomerTurns(admit, kept),
        list_misses=misses.ListMisses(admit, kept, _LateIndex(settings, engine), settings.session_timeout),
        list_dead_letters=dead_letters.ListDeadLetters(admit, letters),
        replay_dead_letter=dead_letters.ReplayDeadLetter(admit, letters),
        drop_dead_letter=dead_letters.DropDeadLetter(admit, letters),
        find_callers=callers.FindCallers(admit, tenant_store, partial(_caller_source, settings, engine)),
        show_search=search_indexes.ShowSearch(admit, works),
        rebuild_search=search_indexes.RebuildSearch(admit, works),
        move_tenant=search_indexes.MoveTenant(admit, works),
        roll_back_search=search_indexes.RollBackSearch(admit, works),
        drop_old_indexes=search_indexes.DropOldIndexes(admit, works),
    )


def _tried(settings: Settings, engine: sa.Engine, tenant: Tenant, question: str) -> articles.Tried:
    from wecom_bot.bootstrap import trial

    return trial.ask(settings, engine, tenant, question)


@contextmanager
def _search_over(settings: Settings, corp_id: CorpId, written: Iterable[Article]) -> Iterator[SearchIndex]:
    """By words alone, for whoever imports should not wait for vectors; and not in the file that the workers use."""
    from wecom_bot.bootstrap.workbench import bench

    try:
        with bench(settings, SearchMode.LEXICAL) as made:
            made.shelf.save(corp_id, written)
            made.search.prepare(corp_id)
            yield made.search
    except (OSError, sqlite3.Error) as e:
        raise TemporaryFailure(f"临时目录用不了 / the temporary folder cannot be used: {e}") from e


def _queried(
    settings: Settings, store: TenantStore, tenant: Tenant, query: QuerySpec, values: Mapping[str, str | int]
) -> Sequence[Row]:
    from wecom_bot.bootstrap.business import business_queries
    from wecom_bot.bootstrap.known_tenants import KnownTenants
    from wecom_bot.outbound.circuit import LocalCircuitBreaker

    known = KnownTenants([store.load(tenant.corp_id)])
    asked = business_queries(settings, known, LocalCircuitBreaker(), lambda _: nullcontext())
    try:
        return asked.run(tenant, query, values)
    finally:
        asked.pools.close()


def _works(settings: Settings, engine: sa.Engine) -> Works:
    from wecom_bot.bootstrap import indexes

    return indexes.works(settings, engine)


def _caller_source(settings: Settings, engine: sa.Engine) -> CallerSource:
    from wecom_bot.bootstrap.callers import caller_source

    return caller_source(settings, engine)


class _LateDeadLetters:
    """Implements ports.DeadLetters: opened at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened = cache(self._open)

    def dead_letters(self, corp_id: CorpId, most: int = 100) -> Sequence[DeadLetter]:
        return self._opened().dead_letters(corp_id, most)

    def replay(self, corp_id: CorpId, letter_id: str) -> None:
        self._opened().replay(corp_id, letter_id)

    def drop(self, corp_id: CorpId, letter_id: str) -> None:
        self._opened().drop(corp_id, letter_id)

    def _open(self) -> DeadLetters:
        from wecom_bot.bootstrap import shared

        return shared.dead_letters(self._settings)


class _LateIndex:
    """Implements ports.SearchIndex, over what a tenant has written by the time of the first question about it."""

    def __init__(self, settings: Settings, engine: sa.Engine) -> None:
        self._settings, self._engine = settings, engine
        self._of = cache(self._prepared)

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        return self._of(corp_id).search(corp_id, query, limit)

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self._of(corp_id).get(corp_id, article_id)

    def _prepared(self, corp_id: CorpId) -> SearchIndex:
        from wecom_bot.bootstrap import search

        index = search.search_index(self._settings, self._engine, search.embedder(self._settings))
        index.prepare(corp_id)
        return index
