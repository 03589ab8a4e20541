"""SearchIndex on Elasticsearch: finds the candidates in one trip, and ranks them as the embedded search does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

from elasticsearch import Elasticsearch

from wecom_bot.adapters.search.confidence import Ranked
from wecom_bot.adapters.search.elastic.asking import CandidateWeights, Search, TenantQuestion, together
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.document import FoundDocument, key, written
from wecom_bot.adapters.search.elastic.found import Cosines, FoundArticles, Response, counts, whole
from wecom_bot.adapters.search.elastic.known_documents import KnownDocuments
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.ranking import Near, by_meaning, by_words
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

_MOST_COUNTED = 500  # tokens in one search


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
    _known: KnownDocuments = field(init=False, default_factory=KnownDocuments)
    _weighed: Weighing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weighed", Weighing(self._counted))

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        return self._search(self._question(corp_id, query), limit)

    def alike(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        """The same, but that nobody knows which articles are asked in these very words."""
        return self._search(replace(self._question(corp_id, query), key=""), limit)

    def asked_so(self, corp_id: CorpId, query: str, limit: int) -> Sequence[str]:
        """The articles that are asked in these very words: a small part of a search."""
        question = TenantQuestion.of(corp_id, self.clock.now(), query)
        return self._asked(question, {"same": question.same(limit)}, _named) if question.key else ()

    def _search(self, question: TenantQuestion, limit: int) -> Sequence[Passage]:
        if limit <= 0 or not (question.tokens or question.key):
            return ()
        found, documents = self._looked_up(question, limit)
        if question.vector is not None and found.near is None:  # some have no vectors yet: each character counts
            question = replace(question, vector=None)
            found, documents = self._looked_up(question, limit)
        sure = (found.mode, 1.0, 1.0 if found.mode is SearchMode.HYBRID else None)
        certain = [documents[key] for key in found.same]
        same = [passage(each.shown, 1.0, each.same(question.key), *sure) for each in certain]
        if len(same) >= limit:
            return tuple(same)
        return (*same, *self._others(question, found, documents, limit - len(same)))

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        question = TenantQuestion(corp_id, self.clock.now())
        found = self._asked(question, {"these": question.these([article_id])}, _fetched)
        return next((passage(each.shown, 1.0, each.question) for each in found), None)

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
        return replace(question, vector=written(vector), model=self.embedder.identity) if vector.any() else question

    def _asked(
        self, question: TenantQuestion, searches: Mapping[str, Search], read: Callable[[Mapping[str, Response]], Read]
    ) -> Read:
        """What is read of the answers of one trip, by name."""
        lines: Any = together(self.names.tenant(question.corp_id), question, searches.values())

        def trip(es: Elasticsearch) -> Read:
            return read(dict(zip(searches, whole(es.msearch(searches=lines)["responses"]), strict=True)))

        return self.cluster.ask(trip)

    def _looked_up(self, question: TenantQuestion, limit: int) -> tuple[FoundArticles, Mapping[str, FoundDocument]]:
        """What a trip finds, with what its documents say."""

        def read(answers: Mapping[str, Response]) -> tuple[FoundArticles, Mapping[str, FoundDocument]]:
            found = FoundArticles.of(answers)
            return found, self._known.read(question.corp_id, {**found.candidates, **found.same})

        uncounted = self._weighed.uncounted(question.corp_id, question.tokens)
        return self._asked(question, question.searches(self.weights, limit, uncounted), read)

    def _others(
        self, question: TenantQuestion, found: FoundArticles, documents: Mapping[str, FoundDocument], most: int
    ) -> Iterator[Passage]:
        """The likeliest of the candidates, but for those that are asked in the same words."""
        candidates = {key: documents[key] for key in found.candidates}
        ranked = self._ranked(question, found, list(candidates.values()), most + len(found.same))
        for each in islice((each for each in ranked if each.key not in found.same), most):
            shown = candidates[each.key].shown
            yield passage(shown, each.score, each.matched, found.mode, each.words, each.meaning)

    def _ranked(
        self, question: TenantQuestion, found: FoundArticles, documents: Sequence[FoundDocument], limit: int
    ) -> list[Ranked]:
        """The likeliest first. Where it depends on how close some are that no list told of, that is asked for."""
        vocabulary, meant = self._weighed(question, found, documents)
        if found.near is None:
            return by_words(question.tokens, vocabulary, meant)
        ranked = by_meaning(question.tokens, vocabulary, meant, documents, found.near)
        if {each.key for each in ranked[: limit + 1]}.isdisjoint(found.guessed):
            return ranked
        exact = found.with_exact(*self._asked(question, question.exactly(found.guessed), _near))
        return by_meaning(question.tokens, vocabulary, meant, documents, exact.near or found.near)

    def _counted(self, corp_id: CorpId, tokens: Sequence[str]) -> Mapping[str, int]:
        question, starts = TenantQuestion(corp_id, self.clock.now()), range(0, len(tokens), _MOST_COUNTED)
        asked = {str(start): question.counting(tokens[start : start + _MOST_COUNTED]) for start in starts}
        return self._asked(question, asked, _counts)


def _counts(answers: Mapping[str, Response]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for answer in answers.values():
        counted |= counts(answer)
    return counted


def _fetched(answers: Mapping[str, Response]) -> list[FoundDocument]:
    return [FoundDocument.of(hit) for hit in answers["these"]["hits"]["hits"]]


def _named(answers: Mapping[str, Response]) -> list[str]:
    return [key(hit) for hit in answers["same"]["hits"]["hits"]]


def _near(answers: Mapping[str, Response]) -> Near:
    return Cosines.read(answers["phrasings"]), Cosines.read(answers["wholes"])
