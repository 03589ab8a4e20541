"""Fit the weights of the search's confidence: `python -m tests.quality.fit_confidence [KB QUERIES OUT_OF_SCOPE]`.

Prints the weights to write into `wecom_bot/adapters/search/confidence.py`, and what each threshold would do. Besides
the questions given, every phrasing of the collection is asked of a copy that lacks it (so its article is right) and of
one that lacks its whole article (so nothing is).
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from tests.quality.questions import DATA, RETAIL, Question, articles, collection, held_out, questions
from wecom_bot.adapters.search.confidence import Features, MeantArticle, Vocabulary, compare
from wecom_bot.adapters.search.text import sameness, tokens

_BEST = 5  # candidates of a question that teach; the rest are all alike
_RIDGE = 1e-3
_STEPS = 25
_SHARE = {"asked": 1.0, "out of scope": 1.0, "held out": 0.5, "near": 0.25}


@dataclass(frozen=True, slots=True)
class Example:
    right: bool
    features: tuple[float, ...]
    weight: float


def compared(
    question: Question, candidates: Sequence[MeantArticle], vocabulary: Vocabulary
) -> list[tuple[str, Features]]:
    found = compare(tokens(question.text), candidates, vocabulary)
    best = sorted(found, key=lambda each: each[2].lead, reverse=True)[:_BEST]
    return [(key, features) for key, _, features in best]


def fit(examples: Sequence[Example]) -> list[float]:
    """Offset and weights of a ridge logistic regression, by Newton's method."""
    size = len(examples[0].features) + 1
    weights, mass = [0.0] * size, sum(example.weight for example in examples)
    for _ in range(_STEPS):
        slope = [0.0] * size
        curve = [[0.0] * size for _ in range(size)]
        for example in examples:
            inputs = (1.0, *example.features)
            guess = 1 / (1 + math.exp(-sum(map(float.__mul__, weights, inputs))))
            for row in range(size):
                slope[row] += example.weight * (guess - example.right) * inputs[row]
                for column in range(size):
                    curve[row][column] += example.weight * guess * (1 - guess) * inputs[row] * inputs[column]
        for row in range(1, size):  # the offset is free
            slope[row] += _RIDGE * mass * weights[row]
            curve[row][row] += _RIDGE * mass
        weights = [weight - step for weight, step in zip(weights, _solved(curve, slope), strict=True)]
    return weights


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot in range(len(rows)):
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [value - factor * above for value, above in zip(rows[other], rows[pivot], strict=True)]
    return [row[-1] for row in rows]


Asked = list[tuple[Question, list[tuple[str, Features]]]]


def asked_sets(kb: Path, queries: Path, out_of_scope: Path) -> dict[str, Asked]:
    written = articles(kb)
    whole = collection(written)
    sets: dict[str, Asked] = {name: [] for name in _SHARE}
    for name, path in (("asked", queries), ("out of scope", out_of_scope)):
        sets[name] = [(question, compared(question, *whole)) for question in questions(path)]
    for question, rest in held_out(written):
        name = "held out" if question.right else "near"
        sets[name].append((question, compared(question, *collection(rest))))
    return sets


def show(sets: dict[str, Asked], weights: Sequence[float]) -> None:
    def best(found: list[tuple[str, Features]]) -> list[tuple[float, str]]:
        scored = (
            (1 / (1 + math.exp(-weights[0] - sum(map(float.__mul__, weights[1:], astuple(each))))), key)
            for key, each in found
        )
        return sorted(scored, reverse=True)

    outcomes = {
        name: [(question, best(found)) for question, found in asked if sameness(question.text)]
        for name, asked in sets.items()
    }
    for threshold in (0.0, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
        cells = []
        for name, answered in outcomes.items():
            above = [(question, keys) for question, keys in answered if keys and keys[0][0] >= threshold]
            first = sum(keys[0][1] == question.right for question, keys in above)
            among = sum(question.right in [key for _, key in keys[:3]] for question, keys in above)
            size = len(answered)
            cells.append(f"{name}: {len(above) / size:.2f} (first {first / size:.2f}, in three {among / size:.2f})")
        print(f"{threshold:.2f}  " + "  ".join(cells))  # noqa: T201 - it is a command


def main(kb: Path, queries: Path, out_of_scope: Path) -> None:
    sets = asked_sets(kb, queries, out_of_scope)
    weights = fit(
        [
            Example(key == question.right, astuple(features), _SHARE[name])
            for name, asked in sets.items()
            for question, found in asked
            for key, features in found
        ]
    )
    names = ("offset", *Features.__dataclass_fields__)
    print("  ".join(f"{name} {weight:.2f}" for name, weight in zip(names, weights, strict=True)))  # noqa: T201
    show(sets, weights)


if __name__ == "__main__":
    paths = [Path(each) for each in sys.argv[1:]]
    main(*(paths or (RETAIL, DATA / "retail_queries.jsonl", DATA / "retail_out_of_scope.jsonl")))
