"""What keeps the indexes of Elasticsearch up to date, and what rebuilds them; imported where its address is set."""

import os
import socket
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.feed import ElasticFeed
from wecom_bot.adapters.search.elastic.probe import ElasticProbe
from wecom_bot.adapters.search.elastic.shelf import ElasticShelf
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.adapters.sql.locks import SqlLocks
from wecom_bot.adapters.sql.poison import SqlPoisonList
from wecom_bot.adapters.sql.standings import SqlIndexStandings
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap import search, stores
from wecom_bot.errors import ConfigurationError
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.ports import CircuitBreaker
from wecom_bot.service.conversation.watch import WatchIndexes
from wecom_bot.service.knowledge.alone import Alone
from wecom_bot.service.knowledge.build_index import BuildIndex
from wecom_bot.service.knowledge.drop_index import DropIndex
from wecom_bot.service.knowledge.index_changes import IndexChanges
from wecom_bot.service.knowledge.prove_index import ProveIndex
from wecom_bot.service.knowledge.works import Works
from wecom_bot.settings import Settings

_PATIENCE = timedelta(seconds=30)


def index_changes(settings: Settings, engine: sa.Engine, breaker: CircuitBreaker) -> IndexChanges:
    """The indexer of this process."""
    places = search.index_places(settings, breaker)
    return IndexChanges(
        standings=SqlIndexStandings(engine),
        changes=stores.articles(settings, engine),
        positions=SqlIndexPositions(engine),
        shelf=ElasticShelf(places.cluster, places, places.names),
        probe=ElasticProbe(places.cluster),
        feed=_feed(settings, places.cluster, unhurried=True),
        poison=SqlPoisonList(engine),
        locks=SqlLocks(engine, SystemClock()),
        clock=SystemClock(),
        holder=f"worker {os.getpid()}@{socket.gethostname()}",
    )


def watch_indexes(engine: sa.Engine) -> WatchIndexes:
    """How far they are behind, as a measurement."""
    return WatchIndexes(SqlIndexStandings(engine), SqlPoisonList(engine), SystemClock())


def works(settings: Settings, engine: sa.Engine) -> Works:
    """What operators work with. Raises ConfigurationError where there are no indexes."""
    if not settings.search_url:
        raise ConfigurationError(
            "WECOM_BOT_SEARCH_URL 没有设：自带的搜索自己跟上，没有索引要管"
            " / is not set: the search that comes along follows by itself, and there are no indexes to see to"
        )
    places = search.index_places(settings, LocalCircuitBreaker())
    clock = SystemClock()
    shelf, probe = ElasticShelf(places.cluster, places, places.names), ElasticProbe(_patient(places.cluster))
    standings, poison = SqlIndexStandings(engine), SqlPoisonList(engine)
    positions, locks = SqlIndexPositions(engine), SqlLocks(engine, clock)
    drop = DropIndex(positions, poison, shelf, locks)
    build = BuildIndex(
        changes=stores.articles(settings, engine),
        positions=positions,
        shelf=shelf,
        feed=_feed(settings, places.cluster),
        poison=poison,
        prove=ProveIndex(standings, probe, poison),
        drop=drop,
        clock=clock,
    )
    return Works(standings, shelf, probe, poison, build, drop, Alone(locks))


def _patient(cluster: Cluster) -> Cluster:
    """Whose questions are no customer's, and asked while it has much to do."""
    return replace(cluster, timeout=_PATIENCE)


def _feed(settings: Settings, cluster: Cluster, *, unhurried: bool = False) -> ElasticFeed:
    analyzed = bool(settings.search_analyzer)
    return ElasticFeed(cluster, IndexWriter(cluster, search.embedder(settings), analyzed, unhurried))
