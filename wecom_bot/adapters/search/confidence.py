"""How sure a find is: four features and a fixed logistic, the same for articles and for examples of intents.

`docs/howto/tune-search.md` says how the weights were fitted and how to fit them again.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from wecom_bot.adapters.search.scale import Scale, logistic
from wecom_bot.adapters.search.words import FUNCTION_WORDS

_FUNCTION_WEIGHT = 0.2
_SEAM_WEIGHT = 0.5
ANSWER_WEIGHT = 0.5
_PAIR = 2
_ENOUGH = 2.0  # as much as two words that nothing else contains: more makes nobody surer


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How many of `size` candidates contain each token; what is not listed is in none."""

    size: int
    counts: Mapping[str, int]

    def weigh(self, token: str) -> float:
        """In 0..1: rare is heavy, unseen is 1; function words are light, and pairs at their seams (想退) lighter."""
        weight = _rarity(self.size, self.counts.get(token, 0))
        if token in FUNCTION_WORDS:
            return weight * _FUNCTION_WEIGHT
        if len(token) == _PAIR and not FUNCTION_WORDS.isdisjoint(token):
            return weight * _SEAM_WEIGHT
        return weight

    def mass(self, tokens: Iterable[str]) -> float:
        """The weight of all of them, each counted once."""
        return sum(map(self.weigh, dict.fromkeys(tokens)))


@lru_cache(maxsize=4096)
def _rarity(size: int, count: int) -> float:
    """How rare it is that so many of `size` contain a token; 1 if none does."""
    return math.log(1 + (size + 1) / (count + 0.5)) / math.log(1 + (size + 1) / 0.5)


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way to ask, with its mass in the vocabulary."""

    text: str
    tokens: frozenset[str]
    mass: float


@dataclass(frozen=True, slots=True)
class MeantArticle:
    """What may be meant: its phrasings, and the tokens of its answer."""

    key: str
    phrasings: tuple[Phrasing, ...]
    answer: frozenset[str] = frozenset()
    asked: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", frozenset().union(*(phrasing.tokens for phrasing in self.phrasings)))

    @property
    def size(self) -> int:
        """What it takes of the memory, in tokens."""
        return len(self.answer) + len(self.asked) + sum(1 + len(each.tokens) for each in self.phrasings)


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for a candidate, each in 0..1 (the lead may be negative).

    likeness: Dice with the phrasing that is most like the question; coverage: the share of the question that the
    candidate contains at all; lead: how far it is before the best other; substance: how much was matched.
    """

    likeness: float
    coverage: float
    lead: float
    substance: float


WEIGHTS = Features(likeness=0.58, coverage=0.61, lead=4.47, substance=2.36)
OFFSET = -3.45
ARTICLES = Scale((0.50, 0.45), (0.13, 0.18))
EXAMPLES = Scale((0.44, 0.78), (0.10, 0.33))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its confidence, in 0..0.99, the phrasing that matched best, and what spoke for it (Passage)."""

    key: str
    score: float
    matched: str
    words: float
    meaning: float | None = None


@dataclass(frozen=True, slots=True)
class Common:
    """What a candidate has in common with a question: `hit` is the weight of all that it contains at all."""

    key: str
    matched: str
    likeness: float
    hit: float


def rank(
    question: Iterable[str], candidates: Sequence[MeantArticle], vocabulary: Vocabulary, scale: Scale = ARTICLES
) -> list[Ranked]:
    """The candidates that have something in common with the question, the likeliest first."""
    found = [
        Ranked(key, scale(confidence(features)), matched, merit(features.likeness, features.coverage))
        for key, matched, features in compare(question, candidates, vocabulary)
    ]
    return sorted(found, key=lambda ranked: (-ranked.score, ranked.key))


def compare(
    question: Iterable[str], candidates: Sequence[MeantArticle], vocabulary: Vocabulary
) -> list[tuple[str, str, Features]]:
    """Key, best phrasing and features of each candidate that has something in common with the question."""
    weights = {token: vocabulary.weigh(token) for token in question}
    whole = sum(weights.values())
    return featured([_common(weights, whole, each) for each in candidates], whole)


def featured(commons: Iterable[Common], whole: float) -> list[tuple[str, str, Features]]:
    """The same, of what each has in common with a question that weighs `whole`."""
    found = [each for each in commons if each.hit]
    merits = [merit(each.likeness, each.hit / whole) for each in found]
    best, second = (*sorted(merits, reverse=True), 0.0, 0.0)[:2]
    return [
        (
            each.key,
            each.matched,
            Features(
                likeness=each.likeness,
                coverage=each.hit / whole,
                lead=merit - (second if merit == best else best),
                substance=min(each.hit, _ENOUGH) / _ENOUGH,
            ),
        )
        for each, merit in zip(found, merits, strict=True)
    ]


def confidence(features: Features) -> float:
    """The logistic of the weighted sum, which is this ranking's own."""
    total = (
        OFFSET
        + WEIGHTS.likeness * features.likeness
        + WEIGHTS.coverage * features.coverage
        + WEIGHTS.lead * features.lead
        + WEIGHTS.substance * features.substance
    )
    return logistic(total)


def _common(weights: Mapping[str, float], whole: float, candidate: MeantArticle) -> Common:
    likeness, matched = max(
        ((_dice(weights, whole, phrasing), phrasing.text) for phrasing in candidate.phrasings), default=(0.0, "")
    )
    asked, answer = candidate.asked, candidate.answer
    hits = [
        weight if token in asked else weight * ANSWER_WEIGHT
        for token, weight in weights.items()
        if token in asked or token in answer
    ]
    return Common(candidate.key, matched, likeness, sum(hits))


def _dice(weights: Mapping[str, float], whole: float, phrasing: Phrasing) -> float:
    # In the question's order, never in a set's: a sum in another order differs by a hair, and ties turn with it
    common = sum(map(weights.__getitem__, filter(phrasing.tokens.__contains__, weights)))
    return 2 * common / (whole + phrasing.mass) if common else 0.0


def merit(likeness: float, coverage: float) -> float:
    """How much the words speak for a candidate, in 0..1."""
    return (0.6 * likeness + coverage) / 1.6
