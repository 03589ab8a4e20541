"""An article as a document: made of the article alone, whatever else the tenant wrote.

So a write may be repeated, and any number of them made side by side. What depends on all that a tenant wrote, how rare
a word is there, is asked for when somebody searches.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import TYPE_CHECKING, Any, cast

from wecom_bot.adapters.search.confidence import MeantArticle, Phrasing, Vocabulary
from wecom_bot.adapters.search.elastic.refusals import OfAnotherVersion
from wecom_bot.adapters.search.embedding import PASSAGE, QUESTION, Embedder
from wecom_bot.adapters.search.shown import Shown, kept
from wecom_bot.adapters.search.text import sameness, tokens
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId

if TYPE_CHECKING:
    from wecom_bot.adapters.search.embedding import Vector

_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DIGITS = 5  # of a vector's numbers: as many as the embedded index keeps


def document(
    corp_id: CorpId, article: Article, revision: int, model: Embedder | None = None, *, analyzed: bool = False
) -> dict[str, Any]:
    """What is written of an article that was changed at this revision; `analyzed` where the index has an analyzer."""
    ways = (article.question, *article.similar)
    question, *similar = (" ".join(tokens(way)) for way in ways)
    made: dict[str, Any] = {
        "corp_id": corp_id,
        "article_id": article.article_id,
        "revision": revision,
        "question": question,
        "similar": similar,
        "answer": " ".join(tokens(article.answer)),
        "sameness": list(dict.fromkeys(filter(None, map(sameness, ways)))),
        "article": _written(ways, kept(article)),
    }
    made |= {name: value for name, value in _kept_by(article).items() if value}
    if analyzed:
        made["said"] = [*ways, article.answer]
    return _with_vectors(made, article, ways, model) if model else made


def _written(ways: Sequence[str], shown: Shown) -> str:
    """What FoundDocument reads; half a character is kept, too. Without tokens: they are four times the text."""
    written = _WRITTEN.encode([ways, shown])
    return b64encode(written.encode("utf-8", "surrogatepass")).decode("ascii")


def _kept_by(article: Article) -> dict[str, Any]:
    """What customers never see of it."""
    return {
        "tags": list(article.tags),
        "valid_from": article.valid_from and _moment(article.valid_from),
        "valid_until": article.valid_until and _moment(article.valid_until),
    }


def _moment(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _with_vectors(made: dict[str, Any], article: Article, ways: Sequence[str], model: Embedder) -> dict[str, Any]:
    whole = " ".join(filter(None, (article.question, article.answer)))
    *phrasings, of_all = model.all([*((way, QUESTION) for way in ways), (whole, PASSAGE)])
    return {**made, "phrasings": list(map(_put, phrasings)), "model": model.identity, **_put(of_all)}


def _put(vector: "Vector") -> dict[str, list[float]]:
    """Nothing of a text without words: a vector of length 0 is close to none, and refused."""
    return {"vector": json.loads(written(vector))} if vector.any() else {}


def written(vector: "Vector") -> str:
    """As a JSON array: short, soon written, and still the same order of what is close."""
    import numpy as np  # noqa: PLC0415 - comes with the model's runtime

    numbers = np.rint(vector * 10**_DIGITS).astype(int).tolist()
    return f"[{f'e-{_DIGITS},'.join(map(str, numbers))}e-{_DIGITS}]"


def key(hit: Mapping[str, Any]) -> str:
    """Which article it is."""
    article_id: str = hit["fields"]["article_id"][0]
    return article_id


def version(hit: Mapping[str, Any]) -> str:
    """Of a document, in its index: after a restore another index may have the same versions of other words."""
    return f"{hit['_index']}/{hit['_version']}"


def _tokens(text: str) -> Iterator[str]:
    """The same objects for the same pieces, of which all articles together have few: thousands are remembered."""
    return map(intern, tokens(text))


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document as a search gives it back: what it says at this version."""

    key: str
    version: str
    ways: tuple[tuple[str, tuple[str, ...]], ...]
    answer: frozenset[str]
    shown: Shown

    @classmethod
    def of(cls, hit: Mapping[str, Any]) -> "FoundDocument":
        """Raises OfAnotherVersion where its index has no such column."""
        if "article" not in hit["fields"]:
            raise OfAnotherVersion(hit["_index"])
        (written,) = hit["fields"]["article"]
        ways, shown = json.loads(b64decode(written).decode("utf-8", "surrogatepass"))
        _, _, answer, *_ = shown
        return cls(
            key(hit),
            version(hit),
            tuple((way, tuple(_tokens(way))) for way in ways),
            frozenset(_tokens(answer)),
            cast("Shown", tuple(shown)),
        )

    @property
    def question(self) -> str:
        return self.ways[0][0]

    @property
    def size(self) -> int:
        """What it takes of the memory, in tokens."""
        return len(self.answer) + sum(1 + len(pieces) for _, pieces in self.ways)

    def same(self, key: str) -> str:
        """The phrasing that has these very words."""
        return next((way for way, _ in self.ways if sameness(way) == key), self.question)

    def meant(self, vocabulary: Vocabulary) -> MeantArticle:
        """As the ranker has it: with the mass of each phrasing among all that the tenant wrote."""
        return MeantArticle(
            self.key,
            tuple(Phrasing(way, frozenset(pieces), vocabulary.mass(pieces)) for way, pieces in self.ways),
            self.answer,
        )
