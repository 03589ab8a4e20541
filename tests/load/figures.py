"""What is made of many measurements: pure counting, so that it can itself be tested."""

import statistics
from collections.abc import Iterable, Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """What that share of the values does not exceed. Raises ValueError where there are none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_by_name(rounds: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over the rounds; one that a round lacks was 0 there."""
    rounds = list(rounds)
    names = dict.fromkeys(name for each in rounds for name in each)
    return {name: statistics.median(each.get(name, 0.0) for each in rounds) for name in names}


def rounded(value: object, digits: int = 3) -> object:
    """The same figures, however deep, with so many decimals."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, Mapping):
        return {name: rounded(inner, digits) for name, inner in value.items()}
    return [rounded(each, digits) for each in value] if isinstance(value, list | tuple) else value
