"""From a ranking's own confidence to the score that tenants set thresholds on: the same score is the same risk.

Each scale is a line between log-odds, through two points that were measured (`docs/howto/tune-search.md`).
"""

import math
from dataclasses import dataclass

_NEARLY_SURE = 0.99  # 1 is kept for the same words


@dataclass(frozen=True, slots=True)
class Scale:
    """Two points, each a confidence of the ranking's own and the score that it stands for."""

    upper: tuple[float, float]
    lower: tuple[float, float]

    def __call__(self, confidence: float) -> float:
        """The score, in 0..0.99."""
        (own, score), (other, others) = self.upper, self.lower
        slope = (log_odds(score) - log_odds(others)) / (log_odds(own) - log_odds(other))
        above = log_odds(min(confidence, _NEARLY_SURE)) - log_odds(own)
        return min(_NEARLY_SURE, logistic(log_odds(score) + slope * above))


def logistic(total: float) -> float:
    """The probability of these log-odds."""
    return 1 / (1 + math.exp(-total))


def log_odds(probability: float) -> float:
    """The log-odds of a probability between 0 and 1."""
    return math.log(probability / (1 - probability))
