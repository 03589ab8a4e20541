"""SearchIndex on Elasticsearch: finds the candidates in one trip, and ranks them as the embedded search does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from elasticsearch import Elasticsearch

from wecom_bot.adapters.search.elastic.asking import CandidateWeights, Search, TenantQuestion, together
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.document import numbers
from wecom_bot.adapters.search.elastic.found import Collection, FoundArticles, Response, whole
from wecom_bot.adapters.search.elastic.names import IndexNames, document_id
from wecom_bot.adapters.search.elastic.ranking import rank
from wecom_bot.adapters.search.elastic.weighing import Weighing
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.shown import passage
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import Passage, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Clock
from wecom_bot.telemetry import logs

log = logs.get(__name__)

Read = TypeVar("Read")

_MOST_COUNTED = 10_000  # tokens in one search


@dataclass(frozen=True, slots=True)
class ElasticSearch:
    """Asks the tenant's alias. By words and meaning once all that the tenant wrote is there with its vectors.

    Raises what Cluster.ask does; NotThere for a tenant that was never indexed.
    """

    cluster: Cluster
    names: IndexNames
    clock: Clock = field(default_factory=SystemClock)
    weights: CandidateWeights = field(default_factory=CandidateWeights)
    embedder: Embedder | None = None
    _weighed: Weighing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weighed", Weighing(self._count))

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        question = self._question(corp_id, query)
        if limit <= 0 or not (question.tokens or question.key):
            return ()
        found = self._asked(corp_id, question.searches(self.weights, limit), partial(FoundArticles.of, question))
        sure = (found.mode, 1.0, 1.0 if found.mode is SearchMode.HYBRID else None)
        same = [passage(each.shown, 1.0, each.same(question.key), *sure) for each in found.same.values()]
        if len(same) >= limit:
            return tuple(same)
        shown = {each.key: each.shown for each in found.candidates.values()}
        known = {each.article_id for each in same}
        ranked = rank(question.tokens, found, self._weighed(corp_id, found.collection, found.candidates))
        others = [each for each in ranked if each.key not in known][: limit - len(same)]
        return (
            *same,
            *(
                passage(shown[each.key], each.score, each.matched, found.mode, each.words, each.meaning)
                for each in others
            ),
        )

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        question = TenantQuestion(corp_id, self.clock.now())
        wanted = {"same": question.one(document_id(corp_id, article_id)), "collection": question.counting(())}
        found = self._asked(corp_id, wanted, partial(FoundArticles.of, question))
        return next((passage(each.shown, 1.0, each.question) for each in found.same.values()), None)

    def start(self) -> None:
        """Nothing to follow: somebody indexes for all processes."""

    def stop(self) -> None:
        """Nothing to end."""

    def prepare(self, corp_id: CorpId) -> None:
        """Nothing to wait for."""

    def _question(self, corp_id: CorpId, query: str) -> TenantQuestion:
        question = TenantQuestion.of(corp_id, self.clock.now(), query)
        if self.embedder is None or not question.tokens:
            return question
        try:
            vector = self.embedder.question(query)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, the words answer
            log.warning("meaning.failed", error=type(e).__name__)
            return question
        return replace(question, vector=numbers(vector), model=self.embedder.identity) if vector.any() else question

    def _asked(
        self, corp_id: CorpId, searches: Mapping[str, Search], read: Callable[[Mapping[str, Response]], Read]
    ) -> Read:
        """What is read of the answers of one trip, by name."""
        lines = list(together(self.names.tenant(corp_id), corp_id, list(searches.values())))

        def trip(es: Elasticsearch) -> Read:
            return read(dict(zip(searches, whole(es.msearch(searches=lines)["responses"]), strict=True)))

        return self.cluster.ask(trip)

    def _count(self, corp_id: CorpId, tokens: Sequence[str]) -> Mapping[str, int]:
        parts = [tokens[start : start + _MOST_COUNTED] for start in range(0, len(tokens), _MOST_COUNTED)]
        asked = {
            str(number): TenantQuestion(corp_id, self.clock.now()).counting(part) for number, part in enumerate(parts)
        }
        return self._asked(corp_id, asked, _counts)


def _counts(answers: Mapping[str, Response]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for answer in answers.values():
        counted |= Collection.of(answer).counts
    return counted
