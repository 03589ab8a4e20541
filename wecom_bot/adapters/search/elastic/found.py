"""What a trip brings back: candidates with how close they are, and the numbers of the tenant's collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wecom_bot.adapters.search.elastic.asking import NEAR, TenantQuestion
from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.adapters.search.elastic.refusals import failure
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure

Response = Mapping[str, Any]


def whole(responses: Sequence[Response]) -> Sequence[Response]:
    """The answers to all searches of a trip. Raises what the first that failed comes to: a part of it ranks wrong."""
    for each in responses:
        if "error" in each:
            raise failure(int(each.get("status", 500)), each)
        if each.get("timed_out") or each["_shards"]["failed"]:
            raise TemporaryFailure("Elasticsearch answered in part")
    return responses


@dataclass(frozen=True, slots=True)
class Collection:
    """All that a tenant wrote, in numbers.

    Equal stamps are equal articles: each change raises the newest revision, or lowers the size.
    """

    size: int
    newest: int
    embedded: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, response: Response) -> "Collection":
        """Of the answer to TenantQuestion.counting."""
        sums = response["aggregations"]
        return cls(
            response["hits"]["total"]["value"],
            int(sums["newest"]["value"] or 0),
            sums["embedded"]["doc_count"] if "embedded" in sums else 0,
            {each["key"]: each["doc_count"] for each in sums.get("tokens", {"buckets": ()})["buckets"]},
        )

    @property
    def stamp(self) -> str:
        return f"{self.size}/{self.newest}"


@dataclass(frozen=True, slots=True)
class Cosines:
    """How close documents are to a question; `phrasings` is which phrasing of each it was."""

    of: Mapping[str, float]
    phrasings: Mapping[str, int]
    least: float

    @classmethod
    def read(cls, response: Response) -> "Cosines":
        """Of the answer to a nearest-neighbour search, whose score is (1 + cos) / 2."""
        hits = response["hits"]["hits"]
        cosines = {hit["_id"]: 2 * hit["_score"] - 1 for hit in hits}
        phrasings = {hit["_id"]: _offset(hit) for hit in hits if "inner_hits" in hit}
        # who is not among the nearest is at most as close as the last of them; in a list that has room, not at all
        return cls(cosines, phrasings, min(cosines.values()) if len(cosines) >= NEAR else 0.0)

    def cosine(self, document: str) -> float:
        """Of one document."""
        return self.of.get(document, self.least)


def _offset(hit: Mapping[str, Any]) -> int:
    (inner,) = hit["inner_hits"].values()
    (best,) = inner["hits"]["hits"]
    return int(best["_nested"]["offset"])


@dataclass(frozen=True, slots=True)
class FoundArticles:
    """All of it, by document: those asked in the same words, and the candidates, in the order of their ids.

    `near` is how close phrasings and wholes are, once all that the tenant wrote has vectors.
    """

    collection: Collection
    same: Mapping[str, FoundDocument]
    candidates: Mapping[str, FoundDocument]
    near: tuple[Cosines, Cosines] | None

    @classmethod
    def of(cls, question: TenantQuestion, answers: Mapping[str, Response]) -> "FoundArticles":
        """Of the answers to TenantQuestion.searches."""
        collection = Collection.of(answers["collection"])
        near = [answers[each] for each in ("phrasings", "wholes") if each in answers]
        if not near or collection.embedded < collection.size:
            near = []
        candidates = [*near, *(answers[each] for each in ("words",) if each in answers)]
        return cls(
            collection,
            _documents(question.corp_id, [answers["same"]] if "same" in answers else []),
            _documents(question.corp_id, candidates),
            (Cosines.read(near[0]), Cosines.read(near[1])) if near else None,
        )

    @property
    def mode(self) -> SearchMode:
        return SearchMode.HYBRID if self.near else SearchMode.LEXICAL


def _documents(corp_id: CorpId, responses: Sequence[Response]) -> dict[str, FoundDocument]:
    hits = {hit["_id"]: hit for response in responses for hit in response["hits"]["hits"]}
    return {each: FoundDocument.of(corp_id, hits[each]) for each in sorted(hits)}
