"""What one tenant's articles say, in memory: where meaning counts, a look-up asks the file for no words.

The same numbers as the tables give (tenant_index): the best by words as FTS5's bm25 has them, and what each article has
in common with a question, to the last bit.
"""

import math
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from wecom_bot.adapters.search.confidence import ANSWER_WEIGHT, Common, Vocabulary
from wecom_bot.adapters.search.highest import highest
from wecom_bot.adapters.search.pace import unhurried

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUESTION, SIMILAR, ANSWER = 1.0, 1.2, 0.5
"""What a word counts, by where it stands."""
_SATURATION, _LENGTH = 1.2, 0.75  # k1 and b of bm25


@dataclass(slots=True)
class _Posting:
    """The articles that contain a token, and how much it counts in each."""

    articles: "array[int]" = field(default_factory=lambda: array("i"))
    counts: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class _Pieces:
    """Rows of tokens, end to end; each row has every token once."""

    numbers: "array[int]" = field(default_factory=lambda: array("i"))
    ends: "array[int]" = field(default_factory=lambda: array("q", [0]))

    def add(self, row: Iterable[int]) -> None:
        self.numbers.extend(dict.fromkeys(row))
        self.ends.append(len(self.numbers))

    def rows(self, chosen: Sequence[range]) -> "tuple[NDArray[np.intc], NDArray[np.intp]]":
        """The tokens of these stretches of rows, and how many each row has."""
        import numpy as np  # noqa: PLC0415 - comes with the model's runtime

        numbers, ends = np.frombuffer(self.numbers or array("i", [0]), np.intc), np.frombuffer(self.ends, np.int64)
        found = [numbers[ends[each.start] : ends[each.stop]] for each in chosen]
        return np.concatenate(found), np.concatenate([np.diff(ends[each.start : each.stop + 1]) for each in chosen])


@dataclass(slots=True)
class WordIndex:
    """The words of articles 0..n-1, as the tables number them."""

    keys: list[str] = field(default_factory=list)
    _tokens: dict[str, int] = field(default_factory=dict)
    _postings: list[_Posting] = field(default_factory=list)
    _lengths: "array[float]" = field(default_factory=lambda: array("d"))
    _asked: _Pieces = field(default_factory=_Pieces)
    _masses: "array[float]" = field(default_factory=lambda: array("d"))
    _first: "array[int]" = field(default_factory=lambda: array("q", [0]))  # phrasing of each article, and one past all
    _answers: _Pieces = field(default_factory=_Pieces)

    @classmethod
    def of(cls, connection: sqlite3.Connection, tenant: int) -> "WordIndex":
        """As the tables of the tenant hold them."""
        made = cls()
        query = "SELECT article_id, answer_tokens FROM article WHERE tenant = ? ORDER BY number"
        articles = connection.execute(query, (tenant,))
        query = "SELECT article, tokens, mass FROM phrasing WHERE tenant = ? ORDER BY article, place"
        asked = groupby(connection.execute(query, (tenant,)), itemgetter(0))
        for (key, answer), (_, ways) in unhurried(zip(articles, asked, strict=True)):
            made._add(key, [(pieces.split(), mass) for _, pieces, mass in ways], answer.split())
        return made

    def _add(self, key: str, ways: Sequence[tuple[Sequence[str], float]], answer: Sequence[str]) -> None:
        counts: dict[int, float] = defaultdict(float)
        length = len(answer)
        for place, (way, mass) in enumerate(ways):
            numbers = [self._number(piece) for piece in way]
            for number in numbers:
                counts[number] += SIMILAR if place else QUESTION
            length += len(numbers)
            self._asked.add(numbers)
            self._masses.append(mass)
        numbers = [self._number(piece) for piece in answer]
        for number in numbers:
            counts[number] += ANSWER
        self._answers.add(numbers)
        for number, count in counts.items():
            self._postings[number].articles.append(len(self.keys))
            self._postings[number].counts.append(count)
        self._lengths.append(length)
        self._first.append(len(self._masses))
        self.keys.append(key)

    def _number(self, token: str) -> int:
        number = self._tokens.setdefault(token, len(self._tokens))
        if number == len(self._postings):
            self._postings.append(_Posting())
        return number

    def best(self, question: Sequence[str], most: int, shut: Collection[int] = ()) -> list[int]:
        """The articles that bm25 puts first, of those that contain a token and are not `shut`."""
        import numpy as np  # noqa: PLC0415

        lengths, scores = np.frombuffer(self._lengths), np.zeros(len(self.keys))
        norms = _SATURATION * (1 - _LENGTH + _LENGTH * lengths / (lengths.mean() or 1))
        for posting in filter(None, map(self._posting, question)):
            articles, counts = np.frombuffer(posting.articles, np.intc), np.frombuffer(posting.counts)
            rarity = math.log((len(self.keys) - len(articles) + 0.5) / (len(articles) + 0.5))
            scores[articles] += max(rarity, 1e-6) * (counts * (_SATURATION + 1) / (counts + norms[articles]))
        if shut:
            scores[list(shut)] = 0
        return [number for number in highest(scores, most) if scores[number]]

    def common(self, question: Sequence[str], articles: Sequence[int]) -> tuple[list[Common], float]:
        """What each of these articles has in common with the question, and what the question weighs."""
        import numpy as np  # noqa: PLC0415

        found = {token: self._posting(token) for token in question}
        counts = {token: len(posting.articles) for token, posting in found.items() if posting}
        weights = np.array(list(map(Vocabulary(len(self.keys), counts).weigh, question)))
        whole = sum(weights.tolist())
        ways = [range(self._first[number], self._first[number + 1]) for number in articles]
        starts = np.cumsum([0, *map(len, ways)])[:-1]
        asked = self._present(question, *self._asked.rows(ways))
        answered = self._present(question, *self._answers.rows([range(number, number + 1) for number in articles]))
        masses = np.concatenate([np.frombuffer(self._masses)[each.start : each.stop] for each in ways])
        likeness = np.maximum.reduceat(2 * _sums(weights, asked) / (whole + masses), starts)
        share = np.where(np.logical_or.reduceat(asked, starts, axis=1), 1, np.where(answered, ANSWER_WEIGHT, 0))
        pairs = zip(likeness.tolist(), _sums(weights, share).tolist(), strict=True)
        return [Common(self.keys[number], "", *each) for number, each in zip(articles, pairs, strict=True)], whole

    def _posting(self, token: str) -> _Posting | None:
        number = self._tokens.get(token)
        return None if number is None else self._postings[number]

    def _present(
        self, question: Sequence[str], numbers: "NDArray[np.intc]", sizes: "NDArray[np.intp]"
    ) -> "NDArray[np.bool_]":
        """Whether a token of the question (down) is in a row (across)."""
        import numpy as np  # noqa: PLC0415

        places = np.full(len(self._tokens), -1, np.int16)
        for place, token in enumerate(question):
            if (number := self._tokens.get(token)) is not None:
                places[number] = place
        asked = places[numbers]
        known = asked >= 0
        present = np.zeros((len(question), len(sizes)), np.bool_)
        present[asked[known], np.repeat(np.arange(len(sizes)), sizes)[known]] = True
        return present


def _sums(weights: "NDArray[np.float64]", share: "NDArray[np.bool_] | NDArray[np.float64]") -> "NDArray[np.float64]":
    """Of the weights, each times its share; in the question's order, as `confidence` has it."""
    import numpy as np  # noqa: PLC0415

    total: NDArray[np.float64] = np.add.accumulate(weights[:, None] * share)[-1]
    return total
