"""What a trip brings back: candidates with how close they are, and the numbers of the tenant's collection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from wecom_bot.adapters.search.elastic.asking import NEAR
from wecom_bot.adapters.search.elastic.document import key
from wecom_bot.adapters.search.elastic.refusals import failure
from wecom_bot.domain.knowledge import SearchMode
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


def counts(response: Response) -> dict[str, int]:
    """Of the answer to TenantQuestion.counting."""
    buckets = response["aggregations"]["tokens"]["buckets"]
    return {token: each["doc_count"] for token, each in buckets.items()}


@dataclass(frozen=True, slots=True)
class Collection:
    """All that a tenant wrote, in numbers: `counts` of how many articles contain a token, of those that were asked for.

    Equal stamps are equal articles: each change raises the newest revision or the sum of them all, or lowers the size.
    The newest alone does not: while an import of one revision is written, some of its articles are there and some not.
    """

    size: int
    newest: int
    revisions: float
    embedded: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, response: Response, counts: Mapping[str, int]) -> "Collection":
        """Of the answer to TenantQuestion.collection."""
        sums = response["aggregations"]
        return cls(
            response["hits"]["total"]["value"],
            int(sums["revisions"]["max"] or 0),
            float(sums["revisions"]["sum"]),
            sums["embedded"]["doc_count"] if "embedded" in sums else 0,
            counts,
        )

    @property
    def stamp(self) -> str:
        return f"{self.size}/{self.newest}/{self.revisions:.0f}"


@dataclass(frozen=True, slots=True)
class Cosines:
    """How close articles are to a question; `phrasings` is which phrasing of each it was."""

    of: Mapping[str, float]
    phrasings: Mapping[str, int]
    least: float

    @classmethod
    def read(cls, response: Response) -> "Cosines":
        """Of the answer to a nearest-neighbour search, whose score is (1 + cos) / 2."""
        hits = response["hits"]["hits"]
        cosines = {key(hit): 2 * hit["_score"] - 1 for hit in hits}
        phrasings = {key(hit): _offset(hit) for hit in hits if "inner_hits" in hit}
        # who is not among the nearest is at most as close as the last of them; in a list that has room, not at all
        return cls(cosines, phrasings, min(cosines.values()) if len(cosines) >= NEAR else 0.0)

    def cosine(self, article_id: str) -> float:
        """Of one article: exact, or as much as it is at most."""
        return self.of.get(article_id, self.least)

    def guesses(self, article_id: str) -> bool:
        """Whether it is the latter."""
        return bool(self.least) and article_id not in self.of

    def with_exact(self, exact: "Cosines", asked: Iterable[str]) -> "Cosines":
        """With those that were asked for by name; who is not among them has no vector."""
        of = {**self.of, **dict.fromkeys(asked, 0.0), **exact.of}
        return Cosines(of, {**self.phrasings, **exact.phrasings}, self.least)


def _offset(hit: Mapping[str, Any]) -> int:
    (inner,) = hit["inner_hits"].values()
    (best,) = inner["hits"]["hits"]
    return int(best["_nested"]["offset"])


@dataclass(frozen=True, slots=True)
class FoundArticles:
    """What one trip brought: the hits of articles that are asked in the same words, and of the candidates, by id.

    `near` is how close phrasings and wholes are, once all that the tenant wrote has vectors.
    """

    collection: Collection
    same: Mapping[str, Response]
    candidates: Mapping[str, Response]
    near: tuple[Cosines, Cosines] | None

    @classmethod
    def of(cls, answers: Mapping[str, Response]) -> "FoundArticles":
        """Of the answers to TenantQuestion.searches."""
        collection = Collection.of(answers["collection"], counts(answers["counts"]) if "counts" in answers else {})
        same, words = ([answers[each]] if each in answers else [] for each in ("same", "words"))
        near = [answers[each] for each in ("phrasings", "wholes") if each in answers]
        if collection.embedded < collection.size:
            near = []
        return cls(
            collection,
            _hits(same),
            _hits([*near, *words]),
            (Cosines.read(near[0]), Cosines.read(near[1])) if near else None,
        )

    @property
    def index(self) -> str:
        """Where they were found; nothing where none was."""
        found = next(chain(self.candidates.values(), self.same.values()), {"_index": ""})
        return str(found["_index"])

    @property
    def guessed(self) -> list[str]:
        """The candidates of which one list of neighbours did not tell how close they are."""
        near = self.near or ()
        return [name for name in self.candidates if any(each.guesses(name) for each in near)]

    def with_exact(self, phrasings: Cosines, wholes: Cosines) -> "FoundArticles":
        """With what was asked for of those that were guessed."""
        if self.near is None:
            return self
        guessed = self.guessed
        near = self.near[0].with_exact(phrasings, guessed), self.near[1].with_exact(wholes, guessed)
        return replace(self, near=near)

    @property
    def mode(self) -> SearchMode:
        return SearchMode.HYBRID if self.near else SearchMode.LEXICAL


def _hits(responses: Sequence[Response]) -> dict[str, Response]:
    """All articles that were found, in the order of their ids."""
    found = {key(hit): hit for response in responses for hit in response["hits"]["hits"]}
    return dict(sorted(found.items()))
