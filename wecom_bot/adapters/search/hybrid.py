"""How sure a find is where meaning counts beside words: five numbers, fitted as `docs/howto/tune-search.md` says."""

from collections.abc import Mapping
from dataclasses import dataclass

from wecom_bot.adapters.search.confidence import Features, Ranked, merit
from wecom_bot.adapters.search.scale import Scale, logistic

_FARTHEST, _SPREAD = 0.4, 0.5  # cosines of this model lie between .4, nothing in common, and .9


@dataclass(frozen=True, slots=True)
class Weights:
    """What each thing counts: in the merit, by which candidates lead each other, and in the log-odds."""

    merit_phrasing: float
    merit_whole: float
    merit_words: float
    offset: float
    substance: float
    phrasing: float
    whole: float
    lead: float
    scale: Scale


ARTICLES = Weights(0.6, 0.4, 0.5, -3.896, 0.660, 1.594, 2.981, 5.318, Scale((0.40, 0.45), (0.15, 0.18)))
EXAMPLES = Weights(0.3, 0.7, 0.3, -4.29, 0.42, 1.13, 3.72, 6.59, Scale((0.372, 0.78), (0.10, 0.40)))

_NOTHING = Features(likeness=0, coverage=0, lead=0, substance=0)


@dataclass(frozen=True, slots=True)
class Closeness:
    """Cosines of a question: with the candidate's closest phrasing, and with all of it.

    All of an article are its question and answer as one text, all of an intent is the middle of its examples.
    """

    phrasing: float
    whole: float
    matched: str


def rank(features: Mapping[str, Features], close: Mapping[str, Closeness], weights: Weights = ARTICLES) -> list[Ranked]:
    """The candidates, each of which has a closeness, and features if its words say something; the likeliest first."""
    rated = [_rate(key, features.get(key, _NOTHING), each, weights) for key, each in close.items()]
    best, second = (*sorted((each.merit for each in rated), reverse=True), 0.0, 0.0)[:2]
    ranked = [each.ranked(second if each.merit == best else best, weights) for each in rated]
    return sorted(ranked, key=lambda each: (-each.score, each.key))


@dataclass(frozen=True, slots=True)
class _Rated:
    key: str
    close: Closeness
    phrasing: float
    whole: float
    words: float
    substance: float
    meaning: float
    merit: float

    def ranked(self, other: float, weights: Weights) -> Ranked:
        """With `other`, the merit of the best of the others."""
        total = (
            weights.offset
            + weights.substance * self.substance
            + weights.phrasing * self.phrasing
            + weights.whole * self.whole
            + weights.lead * (self.merit - other)
        )
        meaning = max(0.0, min(1.0, self.meaning))
        return Ranked(self.key, weights.scale(logistic(total)), self.close.matched, self.words, meaning)


def _rate(key: str, found: Features, close: Closeness, weights: Weights) -> _Rated:
    phrasing, whole = _rescaled(close.phrasing), _rescaled(close.whole)
    words = merit(found.likeness, found.coverage)
    meaning = weights.merit_phrasing * phrasing + weights.merit_whole * whole
    total = meaning + weights.merit_words * words
    return _Rated(key, close, phrasing, whole, words, found.substance, meaning, total)


def _rescaled(cosine: float) -> float:
    return (cosine - _FARTHEST) / _SPREAD
