"""How the indexer and the rebuild bring articles into an index."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import sleep

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.places import PATIENCE
from wecom_bot.adapters.search.elastic.refusals import NotThere
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.domain.indexing import PoisonArticle
from wecom_bot.domain.knowledge import ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Rejected, TemporaryFailure
from wecom_bot.outbound.backoff import Backoff
from wecom_bot.ports import Page

_TRIES = 8
_AGAIN = Backoff(timedelta(seconds=1), timedelta(seconds=30))


@dataclass(frozen=True, slots=True)
class ElasticFeed:
    """Implements ports.IndexFeed; fills with so many requests at once."""

    cluster: Cluster
    writer: IndexWriter
    at_once: int = 4

    def put(self, corp_id: CorpId, index: str, changes: Sequence[ArticleChange]) -> Sequence[PoisonArticle]:
        # a write to an index that is not there would make one, and any fields in it
        if not self.cluster.ask(lambda es: bool(es.indices.exists(index=index)), PATIENCE):
            raise Rejected(f"{index} 不在了 / is not there (any more)")
        return self._put(corp_id, index, changes)

    def fill(self, index: str, pages: Iterable[Page]) -> Sequence[tuple[CorpId, PoisonArticle]]:
        refused: list[tuple[CorpId, PoisonArticle]] = []
        under_way: deque[tuple[CorpId, Future[Sequence[PoisonArticle]]]] = deque()

        def gather(most: int) -> None:
            while len(under_way) > most:
                corp_id, done = under_way.popleft()
                refused.extend((corp_id, each) for each in done.result())

        with ThreadPoolExecutor(self.at_once, "fill") as pool:
            for corp_id, changes in pages:
                put = partial(self._put, corp_id, index, changes)
                under_way.append((corp_id, pool.submit(_patiently, put)))
                gather(2 * self.at_once)
            gather(0)
        return refused

    def show(self, index: str) -> None:
        try:
            self.cluster.ask(lambda es: es.indices.refresh(index=index), PATIENCE)
        except NotThere as e:
            raise Rejected(f"{index} 不在了 / is not there (any more)") from e

    def _put(self, corp_id: CorpId, index: str, changes: Sequence[ArticleChange]) -> list[PoisonArticle]:
        revisions = {each.article_id: each.revision for each in changes}
        refused = self.writer.put(corp_id, index, changes)
        return [PoisonArticle(each.article_id, revisions[each.article_id], each.why) for each in refused]


def _patiently(put: Callable[[], Sequence[PoisonArticle]]) -> Sequence[PoisonArticle]:
    """A cluster that is overloaded, or loses a node, asks for time; it is nobody's who waits here."""
    for failures in range(1, _TRIES):
        try:
            return put()
        except TemporaryFailure:
            sleep(_AGAIN.after(failures).total_seconds())
    return put()
