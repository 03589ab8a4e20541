"""What one tenant's articles mean: their vectors, in memory while the tenant is asked for."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wecom_bot.adapters.search.apart import Text
from wecom_bot.adapters.search.embedding import PASSAGE, QUESTION, SIZE
from wecom_bot.adapters.search.highest import highest
from wecom_bot.adapters.search.hybrid import Closeness
from wecom_bot.adapters.search.pace import unhurried

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wecom_bot.adapters.search.embedding import Vector

_KEY = 16  # bytes of a digest: enough for texts of one tenant


def pack(vector: "Vector") -> bytes:
    """Half of the bytes, and the same order of what is close."""
    return vector.astype("<f2").tobytes()


def unpack(packed: bytes) -> "Vector":
    """A vector that was packed."""
    import numpy as np  # noqa: PLC0415 - comes with the model's runtime

    return np.frombuffer(packed, "<f2").astype(np.float32)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is embedded of articles 0..n-1, as the tables number them: each phrasing, and question with answer."""

    phrasings: Sequence[Sequence[str]]
    wholes: Sequence[str]

    @classmethod
    def of(cls, connection: sqlite3.Connection, tenant: int) -> "Texts":
        """As the tables of the tenant hold them."""
        articles = connection.execute(
            "SELECT question, answer FROM article WHERE tenant = ? ORDER BY number", (tenant,)
        )
        wholes = [" ".join(filter(None, each)) for each in unhurried(articles)]
        phrasings: list[list[str]] = [[] for _ in wholes]
        asked = connection.execute(
            "SELECT article, text FROM phrasing WHERE tenant = ? ORDER BY article, place", (tenant,)
        )
        for article, text in unhurried(asked):
            phrasings[article].append(text)
        return cls(phrasings, wholes)


@dataclass(frozen=True, slots=True)
class Digested:
    """A text with what its vector is known by: the model, how much of it is read, and its words."""

    key: bytes
    text: str
    is_whole: bool

    @classmethod
    def of(cls, model: str, text: str, *, is_whole: bool) -> "Digested":
        said = f"{model}\0{is_whole:d}\0{text}".encode("utf-8", "surrogatepass")
        return cls(hashlib.sha256(said).digest()[:_KEY], text, is_whole)

    def cut(self) -> Text:
        return self.text, PASSAGE if self.is_whole else QUESTION


def digested(texts: Texts, model: str) -> Iterator[Digested]:
    """The phrasings of all articles, article by article, and then their questions with answers."""
    for ways in texts.phrasings:
        for way in ways:
            yield Digested.of(model, way, is_whole=False)
    for whole in texts.wholes:
        yield Digested.of(model, whole, is_whole=True)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vectors of articles 0..n-1."""

    texts: Texts
    phrasings: "Vector"  # (phrasings of all articles in a row, 512)
    first: "NDArray[np.intp]"  # of article n: where its phrasings begin
    wholes: "Vector"  # (articles, 512)

    @classmethod
    def of(cls, texts: Texts, vectors: Iterable["Vector"]) -> "Meaning":
        """With the vectors of all that `digested` gives, in its order."""
        import numpy as np  # noqa: PLC0415 - comes with the model's runtime

        sizes = [len(ways) for ways in texts.phrasings]
        matrix = np.empty((sum(sizes) + len(texts.wholes), SIZE), np.float32)
        for row, vector in zip(matrix, unhurried(vectors), strict=True):
            row[:] = vector
        first = np.cumsum([0, *sizes[:-1]])
        return cls(texts, matrix[: sum(sizes)], first, matrix[sum(sizes) :])

    @classmethod
    def of_middles(cls, texts: Texts, vectors: "Vector") -> "Meaning":
        """With the vectors of the phrasings in a row, and the middle of each one's for the whole."""
        import numpy as np  # noqa: PLC0415

        first = np.cumsum([0, *(len(ways) for ways in texts.phrasings[:-1])])
        middles = [np.mean(each, axis=0) for each in np.split(vectors, first[1:])]
        wholes = [middle / np.linalg.norm(middle) if middle.any() else middle for middle in middles]
        return cls(texts, vectors, first, np.stack(wholes))

    def near(self, question: "Vector", most: int, shut: Collection[int] = ()) -> "Near":
        """How close each article is to the question; `most` are looked at of each kind, and none of those `shut`."""
        import numpy as np  # noqa: PLC0415

        cosines = self.phrasings @ question
        best, whole = np.maximum.reduceat(cosines, self.first), self.wholes @ question
        if shut:
            none = list(shut)
            best[none] = whole[none] = -np.inf
        numbers = {number for closest in (best, whole) for number in highest(closest, most)}.difference(shut)
        return Near(self, cosines, best, whole, numbers)


@dataclass(frozen=True, slots=True)
class Near:
    """What a question is close to: `numbers` are the articles that are closest."""

    meaning: Meaning
    cosines: "Vector"
    best: "Vector"
    whole: "Vector"
    numbers: set[int]

    def closeness(self, number: int) -> Closeness:
        """Of one article."""
        ways = self.meaning.texts.phrasings[number]
        begin = int(self.meaning.first[number])
        matched = ways[int(self.cosines[begin : begin + len(ways)].argmax())]
        return Closeness(float(self.best[number]), float(self.whole[number]), matched)
