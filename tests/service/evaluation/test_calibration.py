"""Which threshold is advised, and when it is no better than today's."""

import pytest

from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.errors import InvalidInput
from wecom_bot.service.evaluation.calibration import Sample, calibrate, level, sample
from wecom_bot.service.evaluation.search import AskedQuestion, Question


def asked(gold: str | None, found: str, score: float) -> AskedQuestion:
    return AskedQuestion(gold, (Passage(found, "", "", score),), 0.0)


def right(count: int, score: float) -> list[AskedQuestion]:
    return [asked(f"a{n}", f"a{n}", score) for n in range(count)]


def wrong(count: int, score: float) -> list[AskedQuestion]:
    return [asked(f"a{n}", "other", score) for n in range(count)]


def given(*known: AskedQuestion, near: tuple[AskedQuestion, ...] = (), far: tuple[AskedQuestion, ...] = ()) -> Sample:
    return Sample(known, near, far)


def test_the_lowest_score_from_which_nine_of_ten_are_right_is_advised() -> None:
    known = (*right(18, 0.8), *wrong(2, 0.7), *right(10, 0.65), *wrong(9, 0.5))
    assert calibrate(given(*known), least=0.3, today=0.45).advised == 0.65
    assert calibrate(given(*known), least=0.7, today=0.45).advised == 0.7


def test_careful_articles_have_a_bar_of_their_own() -> None:
    careful = [AskedQuestion(None, (Passage("x", "", "", 0.5, careful=True),), 0.0) for _ in range(20)]
    found = calibrate(given(*right(20, 0.8), *careful), least=0.45, today=0.45)
    assert found.advised == 0.8
    assert (found.today.precision, found.today.coverage) == (1, 0.5)


def test_an_answer_to_nothing_is_worse_than_any() -> None:
    assert calibrate(given(*(asked(None, "x", 0.5) for _ in range(30))), least=0.45, today=0.45).is_worse


def test_a_level_says_what_customers_would_get() -> None:
    known = (*right(6, 0.8), *wrong(2, 0.6), *right(2, 0.2))
    found = level(given(*known, near=(asked(None, "x", 0.6), asked(None, "x", 0.1)), far=(asked(None, "x", 0.1),)), 0.5)
    assert (found.precision, found.coverage, found.near, found.far) == (0.75, 0.8, 0.5, 0)
    assert found.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)


def test_what_is_right_less_often_on_other_articles_is_worse() -> None:
    lucky = [asked("a0", "a0", 0.5) for _ in range(60)]  # one article, and so one fold
    others = [*(asked(f"b{n}", "other", 0.55) for n in range(5)), *(asked(f"c{n}", f"c{n}", 0.9) for n in range(20))]
    assert calibrate(given(*lucky, *others), least=0.3, today=0.6).is_worse
    assert not calibrate(given(*right(30, 0.8), *wrong(20, 0.5)), least=0.45, today=0.45).is_worse


def test_what_answers_less_though_today_is_right_often_enough_is_worse() -> None:
    assert calibrate(given(*right(20, 0.5), *right(20, 0.8)), least=0.7, today=0.45).is_worse


class Shelves:
    """Is certain of what is on the shelf in these words; remembers what stood there."""

    def __init__(self) -> None:
        self.collections: list[list[Article]] = []

    def over(self, articles: object) -> object:
        held = list(articles)  # type: ignore[call-overload]
        self.collections.append(held)
        score = {text: 1.0 for each in held for text in (each.question, *each.similar)}
        return lambda text: [Passage(held[0].article_id, "", "", score.get(text, 0.4))]


ARTICLES = [Article(f"a{n}", f"问{n}", "答", (f"说{n}", f"讲{n}")) for n in range(10)]


def test_phrasings_are_asked_of_a_copy_that_lacks_them() -> None:
    shelves = Shelves()
    found = sample(shelves.over, ARTICLES, [], [Question("说1", "a1")], [Question("天气", None)])  # type: ignore[arg-type]
    assert len(found.known) == 31
    assert sum(each.score == 1.0 for each in found.known) == 1  # the click; every phrasing was gone
    assert (len(found.near), len(found.far)) == (10, 1)
    assert all(len(held) == 9 for held in shelves.collections[-10:])


def test_enough_labelled_questions_make_phrasings_needless() -> None:
    labelled = [Question(f"问{n % 10}", f"a{n % 10}") for n in range(20)]
    assert len(sample(Shelves().over, ARTICLES, labelled, [], []).known) == 20  # type: ignore[arg-type]


def test_too_few_questions_tell_nothing() -> None:
    nothing = [Question(f"没有{n}", None) for n in range(25)]
    with pytest.raises(InvalidInput, match="too few questions"):
        sample(Shelves().over, ARTICLES[:2], nothing, [], [])  # type: ignore[arg-type]
