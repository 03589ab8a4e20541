"""The threshold that a tenant's own articles ask for: from which score on nine of ten answers are right."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.tenant import Thresholds
from wecom_bot.errors import InvalidInput
from wecom_bot.service.evaluation.search import AskedQuestion, Question, Search, ask, share

PRECISION = 0.9
LEAST = 20
"""Questions, below which nothing can be told."""
_MOST, _MOST_OF_MANY = 300, 60  # phrasings that are asked: each needs an index that lacks it
_MANY = 2000  # phrasings, above which an index takes a second
_FOLDS = 5
_STEPS_OF_SCORE = 1000
_STEPS = tuple(step / 20 for step in range(1, 20))


@dataclass(frozen=True, slots=True)
class Level:
    """What would happen with this threshold, in shares of 0..1; near and far are questions that no article answers."""

    threshold: float
    precision: float
    coverage: float
    f1: float
    near: float
    far: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The levels, what is advised, and how that and today's threshold do on questions that did not choose it."""

    levels: tuple[Level, ...]
    advised: float
    held_out: Level
    today: Level

    @property
    def is_worse(self) -> bool:
        """Whether today's threshold is right at least as often, or nine times of ten, and answers more."""
        if self.held_out.precision < min(PRECISION, self.today.precision) or not self.held_out.coverage:
            return True
        return self.held_out.coverage < self.today.coverage and self.today.precision >= PRECISION


@dataclass(frozen=True, slots=True)
class Sample:
    """What was asked: questions whose article is known, or of which it is known that none of those found is meant."""

    known: tuple[AskedQuestion, ...]
    near: tuple[AskedQuestion, ...]
    far: tuple[AskedQuestion, ...]


def sample(
    over: Callable[[Sequence[Article]], Search],
    articles: Sequence[Article],
    labelled: Sequence[Question],
    clicks: Sequence[Question],
    far: Sequence[Question],
) -> Sample:
    """Ask the labelled questions; without enough of them, phrasings of a copy that lacks them. Raises InvalidInput.

    What was clicked on comes beside either: menus are shown only where nothing was sure, so clicks alone tell little.
    """
    whole = over(articles)
    known = [ask(whole, each) for each in (*labelled, *clicks)]
    far_asked = tuple(ask(whole, each) for each in far)
    if sum(each.gold is not None for each in labelled) < LEAST:
        known += [ask(over(rest), question) for question, rest in _without_phrasing(articles)]
    if sum(each.gold is not None for each in known) < LEAST:
        raise InvalidInput(
            f"只有 {len(known)} 个能问的问题，至少要 {LEAST} 个：请给条目加相似问，或用 --labelled"
            f" / too few questions: add similar ones, or use --labelled (at least {LEAST})"
        )
    near = tuple(ask(over(rest), question) for question, rest in _without_article(articles))
    return Sample(tuple(known), near, far_asked)


def calibrate(asked: Sample, least: float, today: float) -> Calibration:
    """The lowest threshold from `least` on at which nine of ten answers are right."""
    advised = _lowest(asked.known, least)
    chosen = {fold: _lowest([each for each in asked.known if _fold(each) != fold], least) for fold in range(_FOLDS)}
    return Calibration(
        tuple(level(asked, threshold) for threshold in sorted({*_STEPS, advised, today})),
        advised,
        _level(asked, advised, lambda each: chosen[_fold(each)]),
        level(asked, today),
    )


def level(asked: Sample, threshold: float) -> Level:
    """What would happen with one threshold for all."""
    return _level(asked, threshold, lambda _: threshold)


def _level(asked: Sample, threshold: float, of: Callable[[AskedQuestion], float]) -> Level:
    answered = [each for each in asked.known if is_answered(each, of(each))]
    right = sum(each.is_right for each in answered)
    precision, recall = right / max(1, len(answered)), right / max(1, len(asked.known))
    return Level(
        threshold=threshold,
        precision=precision,
        coverage=len(answered) / max(1, len(asked.known)),
        f1=2 * precision * recall / (precision + recall) if right else 0.0,
        near=share(asked.near, lambda each: is_answered(each, threshold)),
        far=share(asked.far, lambda each: is_answered(each, threshold)),
    )


def is_answered(each: AskedQuestion, threshold: float) -> bool:
    """Whether it would be with this threshold; a careful article has a bar of its own besides."""
    return bool(each.passages) and Thresholds(answer=threshold, suggest=0).answers(each.passages[0])


def _lowest(known: Sequence[AskedQuestion], least: float) -> float:
    """Not below `least`: a few phrasings say little about what strangers ask. Careful articles decide nothing here."""
    known = [each for each in known if each.passages and not each.passages[0].careful]
    right = total = 0
    lowest = _STEPS_OF_SCORE
    by_score = sorted(known, key=_step, reverse=True)
    for step, tied in groupby(by_score, key=_step):
        good = [each.is_right for each in tied]
        right, total = right + sum(good), total + len(good)
        if right / total >= PRECISION:
            lowest = step
    return max(least, lowest / _STEPS_OF_SCORE)


def _step(each: AskedQuestion) -> int:
    return int(each.score * _STEPS_OF_SCORE)


def _without_phrasing(articles: Sequence[Article]) -> Iterator[tuple[Question, list[Article]]]:
    """Phrasings as questions, with the articles without them."""
    ways = [
        (article, way)
        for article in articles
        if article.similar
        for way in dict.fromkeys((article.question, *article.similar))
    ]
    for article, way in sorted(ways, key=lambda each: _digest(each[1]))[: _most(articles)]:
        question, *similar = (other for other in (article.question, *article.similar) if other != way)
        lacking = replace(article, question=question, similar=tuple(similar))
        yield Question(way, article.article_id), [lacking if each is article else each for each in articles]


def _without_article(articles: Sequence[Article]) -> Iterator[tuple[Question, list[Article]]]:
    for article in sorted(articles, key=lambda each: _digest(each.question))[: _most(articles)]:
        yield Question(article.question, None), [each for each in articles if each is not article]


def _most(articles: Sequence[Article]) -> int:
    return _MOST if sum(1 + len(each.similar) for each in articles) <= _MANY else _MOST_OF_MANY


def _fold(each: AskedQuestion) -> int:
    """By article, so that no article chooses the threshold by which it is judged."""
    return int(_digest(each.gold or ""), 16) % _FOLDS


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
