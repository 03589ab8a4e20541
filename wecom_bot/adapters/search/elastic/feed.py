"""How the indexer and the rebuild bring articles into an index."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import sleep
from typing import Any

from elasticsearch import Elasticsearch

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.mapping import RECIPE
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
        self._look(index)
        return self._put(corp_id, index, changes)

    def fill(self, index: str, pages: Iterable[Page]) -> Sequence[tuple[CorpId, PoisonArticle]]:
        self._look(index)
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
            raise Rejected(_gone(index)) from e

    def _look(self, index: str) -> None:
        """A write to an index that is not there would make one; one of another recipe or analyzer takes none."""

        def look(es: Elasticsearch) -> Mapping[str, Any]:
            found: Mapping[str, Any] = es.indices.get_mapping(index=index, filter_path=["*.mappings._meta"]).body
            return found

        try:
            found = self.cluster.ask(look, PATIENCE)
        except NotThere as e:
            raise Rejected(_gone(index)) from e
        made = _meta(found.get(index, {}))
        if made.get("recipe") != RECIPE:
            raise Rejected(
                f"{index} 是别的版本建的，请运行 wecom-bot search rebuild / was made by another version: rebuild it"
            )
        if self.writer.analyzed and not made.get("analyzer"):  # it would refuse all, and what it has would go
            raise Rejected(
                f"{index} 是设 WECOM_BOT_SEARCH_ANALYZER 之前建的，请运行 wecom-bot search rebuild"
                " / was made before that was set: rebuild it"
            )

    def _put(self, corp_id: CorpId, index: str, changes: Sequence[ArticleChange]) -> list[PoisonArticle]:
        revisions = {each.article_id: each.revision for each in changes}
        try:
            refused = self.writer.put(corp_id, index, changes)
        except NotThere as e:
            raise Rejected(_gone(index)) from e
        return [PoisonArticle(each.article_id, revisions[each.article_id], each.why) for each in refused]


def _meta(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """How it was made; nothing of one that Elasticsearch made by itself: somebody wrote to what was not there."""
    made: Mapping[str, Any] = found.get("mappings", {}).get("_meta", {})
    return made


def _gone(index: str) -> str:
    return f"{index} 不在了，或关着，请运行 wecom-bot search rebuild / is not there (any more), or closed: rebuild it"


def _patiently(put: Callable[[], Sequence[PoisonArticle]]) -> Sequence[PoisonArticle]:
    """A cluster that is overloaded, or loses a node, asks for time; it is nobody's who waits here."""
    for failures in range(1, _TRIES):
        try:
            return put()
        except TemporaryFailure:
            sleep(_AGAIN.after(failures).total_seconds())
    return put()
