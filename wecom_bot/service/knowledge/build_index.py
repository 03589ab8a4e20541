"""Building an index anew beside the one that answers, without downtime."""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby

from wecom_bot.domain.indexing import PoisonArticle
from wecom_bot.domain.knowledge import Article, Position
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import IndexUnproved, LeaseLost, TemporaryFailure
from wecom_bot.ports import ArticleChanges, Clock, IndexFeed, IndexPositions, IndexShelf, Page, PoisonList
from wecom_bot.service.knowledge.alone import Still
from wecom_bot.service.knowledge.drop_index import DropIndex
from wecom_bot.service.knowledge.prove_index import ProveIndex
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_PAGE = 1000
_SAMPLE = 50  # questions asked in all, and at least one a tenant
_COUNTS = 5  # while people go on writing
_LOOKS = 60  # ten seconds each, for the copies on other nodes
_TOLD = 10_000  # articles between two lines of the log: who waits for it sees it go on


@dataclass(frozen=True, slots=True)
class Built:
    """An index that answers now: whose, in place of which, with how many articles, and how many it refused.

    `foreign` are those that it replaced of another version, to which this one cannot go back.
    """

    index: str
    corp_ids: tuple[CorpId, ...]
    replaced: tuple[str, ...]
    articles: int
    refused: int
    foreign: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Reservoir:
    """Some articles of a stream, each as likely as any other (reservoir sampling)."""

    most: int
    chance: random.Random
    kept: list[Article] = field(default_factory=list)
    seen: int = 0

    def look(self, article: Article) -> None:
        self.seen += 1
        if len(self.kept) < self.most:
            self.kept.append(article)
        elif (place := self.chance.randrange(self.seen)) < self.most:
            self.kept[place] = article


@dataclass(frozen=True, slots=True)
class BuildIndex:
    """Fill an index with all that some tenants wrote, prove it, and point their questions at it at one moment.

    It is registered before it is filled: the indexer brings it what changes from then on, and the log keeps what it
    still needs. Until the end nothing that answers was touched; what breaks off is taken away, now or by the next.
    """

    changes: ArticleChanges
    positions: IndexPositions
    shelf: IndexShelf
    feed: IndexFeed
    poison: PoisonList
    prove: ProveIndex
    drop: DropIndex
    clock: Clock
    page: int = _PAGE
    chance: Callable[[], random.Random] = random.Random

    def __call__(self, own: CorpId | None, corp_ids: Collection[CorpId], still: Still) -> Built:
        """A new index, of one tenant or shared by these.

        Raises IndexUnproved, TemporaryFailure, Rejected, LeaseLost.
        """
        index = self.shelf.make(own)
        log.info("index.building", index=index, tenants=len(corp_ids))
        with self._or_taken_back(index, corp_ids):
            begun = self._begin(corp_ids)
            for corp_id, position in begun.items():
                self.positions.put(corp_id, index, position)
            built = self._filled(index, begun, still)
            self.shelf.finish(index)  # not before it is proved: what is finished may be gone back to
            self._wait_for_copies(index, still)
            for corp_id, position in begun.items():
                self.catch_up(corp_id, index, position)
            still()
            self.shelf.point(dict.fromkeys(corp_ids, index), None if own else index)
        log.info("index.built", index=index, articles=built.articles, refused=built.refused)
        return built

    def into(self, corp_id: CorpId, index: str, still: Still) -> Built:
        """The same, into a shared index that answers others already.

        Until all of it is there its position is the beginning: what breaks off is brought to its end by the indexer.
        """
        self.positions.put(corp_id, index, Position())
        begun = self._begin([corp_id])
        with self._or_taken_back(index, [corp_id], corp_id):
            built = self._filled(index, begun, still, fresh=False)
            self.positions.put(corp_id, index, begun[corp_id])
            self.shelf.point({corp_id: index})
        return built

    def catch_up(self, corp_id: CorpId, index: str, position: Position) -> frozenset[str]:
        """Bring what changed behind this position into the index, and show it; the articles that changed."""
        changed: set[str] = set()
        while page := self.changes.since(corp_id, position, self.page):
            refused = self.feed.put(corp_id, index, page)
            changed |= (ids := {each.article_id for each in page})
            self.poison.note(corp_id, index, ids, refused)
            position = page[-1].position
        self.feed.show(index)
        return frozenset(changed)

    def count(self, corp_id: CorpId, index: str, position: Position) -> int:
        """How many articles are found in it: as many as there should be. Raises IndexUnproved.

        Counted until it is the same, for people go on writing meanwhile.
        """
        for _ in range(_COUNTS):
            found, wanted = self.prove.count(corp_id, index)
            if found == wanted:
                return found
            self.catch_up(corp_id, index, position)
        raise IndexUnproved(
            f"{corp_id}：索引 {index} 里有 {found} 条，应有 {wanted} 条，没有切换"
            f" / the index has {found} articles where there should be {wanted}: nothing was switched"
        )

    def _wait_for_copies(self, index: str, still: Still) -> None:
        """Who loses a node is not to lose what answers. Where a cluster puts no copy anywhere, it answers without."""
        for _ in range(_LOOKS):
            still()
            if self.shelf.copied(index):
                return
        log.warning("index.not_copied", index=index)

    @contextmanager
    def _or_taken_back(self, index: str, corp_ids: Collection[CorpId], corp_id: CorpId | None = None) -> Iterator[None]:
        try:
            yield
        except LeaseLost:  # who took the lock clears what is unfinished, and may have made another of this name
            raise
        except BaseException:
            self._take_back(index, corp_ids, corp_id)
            raise

    def _take_back(self, index: str, corp_ids: Collection[CorpId], corp_id: CorpId | None = None) -> None:
        """Take away what broke off. That a switch failed may only mean that its answer was lost: what answers stays."""
        with suppress(TemporaryFailure):  # the next cleaning takes it away
            if index not in self.shelf.live(corp_ids).values():
                self.drop(index, corp_id)

    def _begin(self, corp_ids: Collection[CorpId]) -> dict[CorpId, Position]:
        """Behind which everything that changes from now on lies."""
        revisions = self.changes.revisions()
        return {corp_id: Position(revisions.get(corp_id, 0)) for corp_id in corp_ids}

    def _filled(self, index: str, begun: Mapping[CorpId, Position], still: Still, *, fresh: bool = True) -> Built:
        """Full, and proved; a `fresh` one has nothing of these tenants yet."""
        before = self.shelf.live(begun)
        foreign = frozenset(each.name for each in self.shelf.all() if each.foreign)
        readable = {corp_id: each for corp_id, each in before.items() if each not in foreign}
        samples = {each: _Reservoir(max(1, _SAMPLE // len(begun)), self.chance()) for each in begun}
        pages = _told(index, self._pages(begun, samples, still, fresh=fresh))
        self._note(index, self.feed.fill(index, pages))
        if fresh:
            still()
            self.shelf.copy(index)  # the nodes copy it while it is proved
        log.info("index.proving", index=index)
        articles = refused = 0
        for corp_id, position in begun.items():
            still()
            changed = self.catch_up(corp_id, index, position)
            articles += self.count(corp_id, index, position)
            lacking = self.prove.refused(corp_id, index)
            refused += len(lacking)
            sample = [each for each in samples[corp_id].kept if each.article_id not in changed | lacking]
            self.prove.ask(corp_id, index, sample, readable.get(corp_id))
        replaced = tuple(sorted({each for each in before.values() if each != index}))
        return Built(index, tuple(begun), replaced, articles, refused, foreign.intersection(replaced))

    def _pages(
        self, begun: Mapping[CorpId, Position], samples: Mapping[CorpId, _Reservoir], still: Still, *, fresh: bool
    ) -> Iterator[Page]:
        now = self.clock.now()
        for corp_id, registered in begun.items():
            position = Position()
            while page := self.changes.since(corp_id, position, self.page):
                still()
                for each in page:
                    if each.article and each.article.valid_at(now):
                        samples[corp_id].look(each.article)
                # what was removed before it began is not in a fresh one
                told = (each for each in page if not fresh or each.article or each.revision > registered.revision)
                yield corp_id, list(told)
                position = page[-1].position

    def _note(self, index: str, refused: Sequence[tuple[CorpId, PoisonArticle]]) -> None:
        for corp_id, some in groupby(sorted(refused, key=lambda each: each[0]), lambda each: each[0]):
            theirs = [each for _, each in some]
            self.poison.note(corp_id, index, {each.article_id for each in theirs}, theirs)
            for each in theirs:
                log.warning("index.refused", corp_id=corp_id, index=index, article_id=each.article_id)


def _told(index: str, pages: Iterator[Page]) -> Iterator[Page]:
    """These pages; the log says how many articles they had, now and then."""
    read = 0
    for corp_id, changes in pages:
        yield corp_id, changes
        before, read = read, read + len(changes)
        if read // _TOLD > before // _TOLD:
            log.info("index.filling", index=index, articles=read)
