"""What a question asks of the index: a few searches that share one trip.

A nearest-neighbour search without a filter looks among all tenants. So no search is made but by a `TenantQuestion`,
which puts its tenant into each of them, beside the filter and the routing that the tenant's alias has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wecom_bot.adapters.search.asked import distinct, telling, telling_more
from wecom_bot.adapters.search.elastic.lines import line
from wecom_bot.adapters.search.elastic.names import document_id
from wecom_bot.adapters.search.text import sameness
from wecom_bot.domain.message import CorpId

BY_WORDS = 20
"""Candidates by words, as many as the embedded search has: the engine's own score only chooses them."""
NEAR = 20
"""Candidates by vector, of each kind."""
_LOOKED_AT = 100
_MOST_ANALYZED = 512  # characters: each may be a clause of the query, of which it has no more than some thousands

_HERE = "the vector"
_VECTOR = f'"{_HERE}"'.encode()  # written once, for it takes longer to write than all the rest
_BARE = {"_source": False, "stored_fields": "_none_"}  # an _id is one, too: unpacking them takes half of a search
_HITS = {**_BARE, "docvalue_fields": ["article_id"], "version": True}
_WHOLE = {**_HITS, "docvalue_fields": ["article_id", "article"]}

Search = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CandidateWeights:
    """What a word counts, by where it stands, when candidates are chosen. No score that anybody sees depends on it."""

    question: float = 2.0
    similar: float = 1.2
    answer: float = 0.5
    analyzed: float = 0.0  # by the analyzer of the cluster's, where the index has one


@dataclass(frozen=True, slots=True)
class TenantQuestion:
    """A question to what one tenant wrote, of which is found what is valid `now`.

    `vector` is its meaning by the `model` as a JSON array, where meaning counts.
    """

    corp_id: CorpId
    now: datetime
    text: str = ""
    tokens: Sequence[str] = ()
    key: str = ""
    vector: str | None = None
    model: str = ""

    @classmethod
    def of(cls, corp_id: CorpId, now: datetime, text: str) -> "TenantQuestion":
        """By words alone."""
        return cls(corp_id, now, text, distinct(text), sameness(text))

    def searches(self, weights: CandidateWeights, most: int, uncounted: Sequence[str] = ()) -> dict[str, Search]:
        """What is asked in one trip, by name: `most` of those that are asked in the same words."""
        asked = {"collection": self.collection()}  # always the same, so that it is answered from the shards' cache
        if uncounted:
            asked["counts"] = self.counting(uncounted)
        if self.key:
            asked["same"] = self.same(most)
        if self.tokens:
            asked["words"] = self._found(self._words(weights), BY_WORDS)
        if self.tokens and self.vector is not None:
            asked |= {name: each | _WHOLE for name, each in self._nearest().items()}
        return asked

    def same(self, most: int) -> Search:
        """Those that are asked in the same words."""
        return self._found({"term": {"sameness": self.key}}, most, sort=["article_id"])

    def exactly(self, among: Sequence[str]) -> dict[str, Search]:
        """How close all of these articles are, by phrasing and as a whole."""
        return {name: each | _HITS for name, each in self._nearest(among).items()}

    def _nearest(self, among: Sequence[str] = ()) -> dict[str, Search]:
        which = {"inner_hits": {"size": 1, **_BARE}}
        near = {"phrasings": self._near("phrasings.vector", among) | which, "wholes": self._near("vector", among)}
        return {name: {"knn": each, "size": len(among) or NEAR} for name, each in near.items()}

    def collection(self) -> Search:
        """How many articles there are, at which revisions, and how many have the vectors."""
        sums: Search = {"revisions": {"stats": {"field": "revision"}}}
        if self.model:
            sums["embedded"] = {"filter": {"term": {"model": self.model}}}
        return self._summed(sums)

    def counting(self, tokens: Sequence[str]) -> Search:
        """How many articles contain each token. Exact, whatever shards there are.

        What no customer may find now is counted, too: it says as much of how rare a word is.
        """
        # a filter for each goes through who has the token; a terms aggregation goes through all of all articles
        return self._summed({"tokens": {"filters": {"filters": {each: {"term": {"tokens": each}} for each in tokens}}}})

    def these(self, articles: Sequence[str]) -> Search:
        """The documents of these articles, whole."""
        return self._found(self._ids(articles), len(articles))

    def _summed(self, sums: Search) -> Search:
        return {"query": {"bool": {"filter": [self._own]}}, "size": 0, "track_total_hits": True, "aggs": sums}

    @property
    def _own(self) -> Search:
        return {"term": {"corp_id": self.corp_id}}

    @property
    def _valid(self) -> Search:
        """What customers may find now, of the tenant's own."""
        now = int(self.now.timestamp() * 1000)
        outside = [{"range": {"valid_from": {"gt": now}}}, {"range": {"valid_until": {"lte": now}}}]
        return {"bool": {"filter": [self._own], "must_not": outside}}

    def _words(self, weights: CandidateWeights) -> Search:
        """What stands in questions counts most; what stands in answers helps, and is no condition.

        Each token of each field is a clause of its own: who cannot be among the best is skipped then, which Lucene does
        by half where the tokens of a field are a query in the query.
        """
        said = telling(self.tokens) if self.vector is None else telling_more(self.tokens)
        fields = {"question": weights.question, "similar": weights.similar, "answer": weights.answer}
        should: list[Search] = [
            {"term": {field: {"value": token, "boost": boost}}} for field, boost in fields.items() for token in said
        ]
        if weights.analyzed:
            text = self.text[:_MOST_ANALYZED].encode("utf-8", "replace").decode()
            should.append({"match": {"said": {"query": text, "boost": weights.analyzed}}})
        return {"bool": {"should": should, "minimum_should_match": 1}}

    def _found(self, query: Search, most: int, **more: object) -> Search:
        return {"query": self._scoped(query), "size": most, "track_total_hits": False, **_WHOLE, **more}

    def _scoped(self, query: Search) -> Search:
        return {"bool": {"must": [query], "filter": [self._valid]}}

    def _ids(self, articles: Sequence[str]) -> Search:
        return {"ids": {"values": [document_id(self.corp_id, each) for each in articles]}}

    def _near(self, field: str, among: Sequence[str]) -> Search:
        these = [self._ids(among)] if among else []
        return {
            "field": field,
            "query_vector": _HERE,
            "k": len(among) or NEAR,
            "num_candidates": max(_LOOKED_AT, len(among)),
            "filter": [self._valid, *these],
        }


def together(alias: str, question: TenantQuestion, searches: Iterable[Search]) -> bytes:
    """The lines of a msearch at the tenant's alias: whole answers, or none."""
    where = {"index": alias, "routing": question.corp_id, "allow_partial_search_results": False}
    vector = (question.vector or "").encode("ascii")
    return b"".join(line(where) + _told(search, vector) for search in searches)


def _told(search: Search, vector: bytes) -> bytes:
    said = line(search)
    return said.replace(_VECTOR, vector) if "knn" in search else said  # elsewhere it would be a customer's words
