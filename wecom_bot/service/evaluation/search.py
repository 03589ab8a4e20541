"""How good the search is: what customers would get for questions whose right article is known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from time import perf_counter

from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.tenant import Thresholds

Search = Callable[[str], Sequence[Passage]]
"""The best passages for a question, best first."""

_SHOWN = 3
_LEAST = 95  # of a hundred look-ups are at least as quick


@dataclass(frozen=True, slots=True)
class Question:
    """`gold` is the id of the article that answers it, None if none does: then it is far from all of them."""

    text: str
    gold: str | None


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, and what was found."""

    gold: str | None
    passages: tuple[Passage, ...]
    took: float

    @property
    def found(self) -> tuple[str, ...]:
        return tuple(each.article_id for each in self.passages)

    @property
    def score(self) -> float:
        return self.passages[0].score if self.passages else 0.0

    @property
    def is_right(self) -> bool:
        return bool(self.found) and self.found[0] == self.gold


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in 0..1 of all questions of their kind: with an article; `far`, without; `near`, without its article.

    `auroc`: how often a right best passage has a higher score than a wrong one or one of a far question.
    """

    mode: str
    n: int
    top1: float
    top3: float
    mrr: float
    auroc: float
    answered: float
    right: float
    wrong: float
    right_or_menu: float
    far_oos_answered: float
    near_oos_answered: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class EvaluateSearch:
    """Ask everything, each question once more of a collection that lacks its article.

    `over` makes the search over articles; they come back to it in no order, and few at a time are changed.
    """

    mode: str
    over: Callable[[Sequence[Article]], Search]
    thresholds: Thresholds

    def __call__(self, articles: Sequence[Article], questions: Sequence[Question]) -> Figures:
        whole = self.over(articles)
        known = [ask(whole, each) for each in questions if each.gold is not None]
        far = [ask(whole, each) for each in questions if each.gold is None]
        return figures(self.mode, known, far, list(self._near(articles, questions)), self.thresholds)

    def _near(self, articles: Sequence[Article], questions: Sequence[Question]) -> Iterable[AskedQuestion]:
        with_article = sorted((each for each in questions if each.gold), key=_gold)
        for gold, asked in groupby(with_article, key=_gold):
            rest = self.over([each for each in articles if each.article_id != gold])
            yield from (ask(rest, each) for each in asked)


def ask(search: Search, question: Question) -> AskedQuestion:
    """One look-up, timed."""
    began = perf_counter()
    passages = tuple(search(question.text))
    return AskedQuestion(question.gold, passages, perf_counter() - began)


def figures(
    mode: str,
    known: Sequence[AskedQuestion],
    far: Sequence[AskedQuestion],
    near: Sequence[AskedQuestion],
    thresholds: Thresholds,
) -> Figures:
    """All of them; 0 where nothing of a kind was asked."""

    def answered(each: AskedQuestion) -> bool:
        return bool(each.passages) and thresholds.answers(each.passages[0])

    def seen(each: AskedQuestion) -> bool:
        return (
            each.is_right if answered(each) else each.score >= thresholds.suggest and each.gold in each.found[:_SHOWN]
        )

    return Figures(
        mode=mode,
        n=len(known),
        top1=share(known, lambda each: each.is_right),
        top3=share(known, lambda each: each.gold in each.found[:_SHOWN]),
        mrr=sum(1 / (1 + each.found.index(each.gold)) for each in known if each.gold in each.found)
        / max(1, len(known)),
        auroc=auroc(
            [each.score for each in known if each.is_right],
            [each.score for each in (*known, *far) if not each.is_right],
        ),
        answered=share(known, answered),
        right=share(known, lambda each: answered(each) and each.is_right),
        wrong=share(known, lambda each: answered(each) and not each.is_right),
        right_or_menu=share(known, seen),
        far_oos_answered=share(far, answered),
        near_oos_answered=share(near, answered),
        p95_ms=_p95([each.took for each in (*known, *far)]) * 1000,
    )


def share(asked: Sequence[AskedQuestion], holds: Callable[[AskedQuestion], bool]) -> float:
    """Of how many it holds, in 0..1."""
    return sum(map(holds, asked)) / len(asked) if asked else 0.0


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float:
    """The chance that one of the first is above one of the others, equal ones counted as half; 0 without either."""
    if not higher or not lower:
        return 0.0
    pairs = sum((above > below) + (above == below) / 2 for above in higher for below in lower)
    return pairs / (len(higher) * len(lower))


def _gold(question: Question) -> str:
    return question.gold or ""


def _p95(took: Sequence[float]) -> float:
    return sorted(took)[max(0, -(-len(took) * _LEAST // 100) - 1)] if took else 0.0
