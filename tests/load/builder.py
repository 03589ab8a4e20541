"""One tenant's articles in SQL, and indexes made of them: as one would at first, and as the bot does."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from tests.load.asker import CORP
from tests.load.made_up import article
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.feed import ElasticFeed
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames, generation
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.probe import ElasticProbe
from wecom_bot.adapters.search.elastic.shelf import ElasticShelf
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.sql import engine as sql
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.adapters.sql.locks import SqlLocks
from wecom_bot.adapters.sql.poison import SqlPoisonList
from wecom_bot.adapters.sql.standings import SqlIndexStandings
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import Position
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.service.knowledge.build_index import BuildIndex
from wecom_bot.service.knowledge.drop_index import DropIndex
from wecom_bot.service.knowledge.prove_index import ProveIndex

_SAVED_AT_ONCE = 10_000
_FIRST = 100  # its number
_AT_ONCE = 500  # what the client's own bulk sends by default
_PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Builder:
    """One tenant's articles in SQL, and the indexes made of them in a cluster."""

    engine: sa.Engine
    cluster: Cluster
    names: IndexNames
    number: int
    replicas: int = 1
    model: Embedder | None = None

    @property
    def places(self) -> IndexPlaces:
        """Where indexes are made."""
        return IndexPlaces(self.cluster, self.names, IndexShape(0, self.replicas))

    @property
    def shelf(self) -> ElasticShelf:
        """The indexes."""
        return ElasticShelf(self.cluster, self.places, self.names)

    def save(self) -> None:
        """Fill SQL."""
        store = SqlArticles(self.engine)
        for start in range(0, self.number, _SAVED_AT_ONCE):
            store.save(CORP, map(article, range(start, min(self.number, start + _SAVED_AT_ONCE))))

    def at_first(self) -> float:
        """Seconds to an index that answers, as one would make it at first; the tenant's questions go there."""
        began = time.monotonic()
        index = generation(self.names.own(CORP), _FIRST)
        self.places.make(index)
        store, writer, position = SqlArticles(self.engine), IndexWriter(self.cluster, self.model), Position()
        while page := store.since(CORP, position, _AT_ONCE):
            assert not writer.put(CORP, index, page)
            position = page[-1].position
        self.cluster.ask(lambda es: es.indices.refresh(index=index), _PATIENCE)
        self._whole(index)
        took = time.monotonic() - began
        SqlIndexPositions(self.engine).put(CORP, index, position)
        self.shelf.point({CORP: index})
        return took

    def as_we_do(self) -> float:
        """Seconds of a rebuild, until it answers instead of what answered before."""
        began = time.monotonic()
        built = self._build()(CORP, [CORP], lambda: None)
        self._whole(built.index)
        assert (built.articles, built.refused) == (self.number, 0)
        return time.monotonic() - began

    def clear(self) -> None:
        """Take all indexes away."""
        for each in self.shelf.all():
            self.shelf.drop(each.name)

    def _whole(self, index: str) -> None:
        """Every shard has its replica."""
        status = "green" if self.replicas else "yellow"
        self.cluster.ask(lambda es: es.cluster.health(index=index, wait_for_status=status, timeout="110s"), _PATIENCE)

    def _build(self) -> BuildIndex:
        standings, poison = SqlIndexStandings(self.engine), SqlPoisonList(self.engine)
        positions, locks = SqlIndexPositions(self.engine), SqlLocks(self.engine, SystemClock())
        return BuildIndex(
            changes=SqlArticles(self.engine),
            positions=positions,
            shelf=self.shelf,
            feed=ElasticFeed(self.cluster, IndexWriter(self.cluster, self.model)),
            poison=poison,
            prove=ProveIndex(standings, ElasticProbe(self.cluster), poison),
            drop=DropIndex(positions, poison, self.shelf, locks),
            clock=SystemClock(),
        )


@contextmanager
def builder(url: str, number: int, model: Embedder | None = None, replicas: int = 1) -> Iterator[Builder]:
    """Over a SQLite that holds so many articles."""
    cluster = connect(SearchAddress.parse(url, Login()), timedelta(seconds=30), 16, LocalCircuitBreaker())
    with tempfile.TemporaryDirectory() as folder:
        engine = sql.connect(f"sqlite:///{folder}/wecom-bot.sqlite3")
        migrate.upgrade(engine)
        made = Builder(engine, cluster, IndexNames(f"rebuild-{os.getpid()}"), number, replicas, model)
        made.save()
        try:
            yield made
        finally:
            made.clear()
            engine.dispose()
