"""The indexer and the works over a real SQLite and an engine in memory."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sqlalchemy as sa

from tests.fakes import ACME, SettableClock
from tests.service.knowledge.memory_engine import MemoryEngine
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.adapters.sql.index_positions import SqlIndexPositions
from wecom_bot.adapters.sql.locks import SqlLocks
from wecom_bot.adapters.sql.poison import SqlPoisonList
from wecom_bot.adapters.sql.standings import SqlIndexStandings
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.service.knowledge.alone import Alone
from wecom_bot.service.knowledge.build_index import BuildIndex
from wecom_bot.service.knowledge.drop_index import DropIndex
from wecom_bot.service.knowledge.index_changes import IndexChanges
from wecom_bot.service.knowledge.prove_index import ProveIndex
from wecom_bot.service.knowledge.works import Works

GLOBEX = CorpId("ww_globex")


def article(number: int, answer: str = "九点") -> Article:
    """One of many."""
    return Article(f"a{number:04}", f"几点关门{number}", answer)


@dataclass
class Bench:
    """All of it, with a page of two articles."""

    engine: sa.Engine
    search: MemoryEngine = field(default_factory=MemoryEngine)
    clock: SettableClock = field(default_factory=SettableClock)

    def __post_init__(self) -> None:
        self.articles = SqlArticles(self.engine, self.clock)
        self.positions = SqlIndexPositions(self.engine)
        self.standings, self.poison = SqlIndexStandings(self.engine), SqlPoisonList(self.engine)
        self.locks = SqlLocks(self.engine, self.clock)
        self.indexer = self.another("worker")
        drop = DropIndex(self.positions, self.poison, self.search, self.locks, self._pause)
        prove = ProveIndex(self.standings, self.search, self.poison)
        build = BuildIndex(
            changes=self.articles,
            positions=self.positions,
            shelf=self.search,
            feed=self.search,
            poison=self.poison,
            prove=prove,
            drop=drop,
            clock=self.clock,
            page=2,
            chance=lambda: Random(7),  # noqa: S311 - which are asked for is no secret
        )
        self.works = Works(self.standings, self.search, self.search, self.poison, build, drop, Alone(self.locks))

    def another(self, holder: str) -> IndexChanges:
        """An indexer of another process."""
        return IndexChanges(
            standings=self.standings,
            changes=self.articles,
            positions=self.positions,
            shelf=self.search,
            probe=self.search,
            feed=self.search,
            poison=self.poison,
            locks=self.locks,
            clock=self.clock,
            holder=holder,
        )

    def write(self, numbers: Iterable[int], corp_id: CorpId = ACME, answer: str = "九点") -> None:
        """A tenant saves these."""
        self.articles.save(corp_id, [article(number, answer) for number in numbers])

    def found(self, corp_id: CorpId = ACME, index: str | None = None) -> dict[str, str]:
        """What searches see of the tenant: id and answer."""
        kept = self.search.kept[index or self.search.aliases[corp_id]]
        return {key: each.answer for key, each in sorted(kept.seen.get(corp_id, {}).items())}

    def written(self, corp_id: CorpId = ACME) -> dict[str, str]:
        """What SQL has of the tenant."""
        return {each.article_id: each.answer for each in self.articles.load(corp_id)}

    def is_right(self, corp_ids: Collection[CorpId] = (ACME,)) -> bool:
        """Whether searches see what SQL has."""
        return all(self.found(each) == self.written(each) for each in corp_ids)

    def _pause(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)


def bench(folder: Path) -> Bench:
    """On an empty database in the folder."""
    engine = connect(f"sqlite:///{folder}/wecom-bot.sqlite3")
    migrate.upgrade(engine)
    return Bench(engine)
