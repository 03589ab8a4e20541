"""What an index holds of an article, and how it is searched.

Only what the core of Elasticsearch has (see the decision): our tokens under the `whitespace` analyzer, exact `hnsw`.
Nested are the vectors of phrasings, the question's first: each is a document to Lucene, so without a model there are
none. What an article says is in a column, `article`, which comes with each candidate: a stored field, as the source is
one, would take as long to unpack as all the rest of a search. So there is no source. By tokens nothing is sorted or
summed up, and no phrase is looked for.
"""

from dataclasses import dataclass
from typing import Any

from wecom_bot.adapters.search.embedding import SIZE
from wecom_bot.domain.message import CorpId

RECIPE = 4
"""Raise it when the mapping or what stands in the documents changes: an index of another recipe has to be rebuilt."""

_REFRESH = "1s"
_TOMBSTONES = "1h"  # a write that is older than what is there is refused; of what was removed, for so long

_KEYWORD = {"type": "keyword"}
_TERM = {"type": "keyword", "doc_values": False}
_TOKENS = {"type": "text", "analyzer": "whitespace", "index_options": "freqs", "copy_to": "tokens"}
_EACH_TOKEN = {"type": "text", "analyzer": "whitespace", "index_options": "docs", "norms": False}
_VECTOR = {
    "type": "dense_vector",
    "dims": SIZE,
    "index": True,
    "similarity": "cosine",
    "index_options": {"type": "hnsw"},
}


@dataclass(frozen=True, slots=True)
class IndexShape:
    """How an index is laid out; `analyzer` is one more of the cluster's, by which candidates are found, too."""

    shards: int
    replicas: int
    analyzer: str = ""

    def body(self) -> dict[str, Any]:
        """Settings and mappings of a new index."""
        return {"settings": self.settings(), "mappings": mappings(self.analyzer)}

    def body_of(self, corp_id: CorpId) -> dict[str, Any]:
        """The same of an index that is one tenant's own, and says whose.

        Documents are routed by tenant everywhere, so it is told to spread them nevertheless: over all its shards but
        one, which it has for that alone (a partition has to be smaller than the index).
        """
        body = self.body()
        body["mappings"]["_meta"]["own"] = corp_id
        if (shards := self.shards) > 1:
            body["settings"] |= {"number_of_shards": shards + 1, "routing_partition_size": shards}
            body["settings"]["number_of_routing_shards"] = shards + 1  # else the parts would lie in one shard
        return body

    def settings(self) -> dict[str, Any]:
        """Of a live index: what is written is seen within a second."""
        return {
            "number_of_shards": self.shards,
            "number_of_replicas": self.replicas,
            "refresh_interval": _REFRESH,  # said, so that an index nobody asks is refreshed, too
            "gc_deletes": _TOMBSTONES,
        }


def mappings(analyzer: str = "") -> dict[str, Any]:
    """Strict: a field that is not here is a mistake of ours."""
    said = {"said": {"type": "text", "analyzer": analyzer}} if analyzer else {}
    return {
        "dynamic": "strict",
        "_meta": {"recipe": RECIPE, "analyzer": analyzer},
        "_routing": {"required": True},
        "_source": {"enabled": False},
        "properties": {
            "corp_id": _KEYWORD,
            "article_id": _KEYWORD,
            "revision": {"type": "long"},
            "model": _KEYWORD,
            "tags": _KEYWORD,
            "valid_from": {"type": "date"},
            "valid_until": {"type": "date"},
            "question": _TOKENS,
            "similar": _TOKENS,
            "answer": _TOKENS,
            "tokens": _EACH_TOKEN,
            "sameness": _TERM,
            "vector": _VECTOR,
            "phrasings": {"type": "nested", "properties": {"vector": _VECTOR}},
            "article": {"type": "binary", "doc_values": True},
            **said,
        },
    }
