"""A look into one index, to see whether it is right."""

from collections.abc import Collection
from dataclasses import dataclass, field

from elasticsearch import Elasticsearch

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.places import PATIENCE
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.text import tokens
from wecom_bot.domain.message import CorpId

_AT_ONCE = 2  # a new index, and the one before it
_ALIKE = 0.5  # in words: an article is 1 by its own question, or 0.7 where that is very long; strangers are far below
_SAME = 100  # articles that ask the same: more than anybody keeps


@dataclass(frozen=True, slots=True)
class ElasticProbe:
    """Implements ports.IndexProbe: asks as customers do, but one index by its name."""

    cluster: Cluster
    _asked: dict[str, ElasticSearch] = field(init=False, default_factory=dict)

    def count(self, corp_id: CorpId, index: str) -> int:
        def look(es: Elasticsearch) -> int:
            return int(es.count(index=index, routing=corp_id, query={"term": {"corp_id": corp_id}})["count"])

        return self.cluster.ask(look, PATIENCE)

    def best(self, corp_id: CorpId, index: str, question: str) -> Collection[str]:
        search = self._search(index)
        same = search.asked_so(corp_id, question, _SAME)
        return set(same) or {each.article_id for each in search.search(corp_id, question, 1)}

    def finds(self, corp_id: CorpId, index: str, question: str) -> bool:
        if not tokens(question):
            return True
        found = self._search(index).alike(corp_id, question, 1)
        return any((each.words or 0.0) >= _ALIKE for each in found)

    def _search(self, index: str) -> ElasticSearch:
        """The same for all questions, for it remembers how rare words are."""
        if index not in self._asked:
            if len(self._asked) >= _AT_ONCE:
                self._asked.clear()
            self._asked[index] = ElasticSearch(self.cluster, _OneIndex("", index))
        return self._asked[index]


@dataclass(frozen=True, slots=True)
class _OneIndex(IndexNames):
    """Names by which every tenant is looked for in one index."""

    index: str

    def tenant(self, corp_id: CorpId) -> str:
        _ = corp_id
        return self.index
