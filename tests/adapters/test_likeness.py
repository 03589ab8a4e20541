import pytest

from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.likeness import PhraseLikeness

PAINT, FOOD = ("给墙刷什么颜色好", "油漆多久能干"), ("晚上吃什么", "这附近哪家面馆好吃")


@pytest.fixture
def likeness(embedder: Embedder) -> PhraseLikeness:
    made = PhraseLikeness(embedder)
    made.prepare([PAINT, FOOD, ()])
    return made


def test_a_text_is_most_like_the_phrases_that_mean_the_same(likeness: PhraseLikeness) -> None:
    share = likeness.share("卧室的墙涂成蓝的行吗", [PAINT], [FOOD])
    assert share is not None
    assert share > 0.7
    assert likeness.share("卧室的墙涂成蓝的行吗", [FOOD], [PAINT]) == pytest.approx(1 - share)
    assert likeness.share(PAINT[0], [PAINT], [()]) == 1
    assert likeness.share(PAINT[0], [(), FOOD], [PAINT]) == likeness.share(PAINT[0], [FOOD], [PAINT])


@pytest.mark.parametrize("text", ["", "😀", "……"])
def test_of_a_text_without_words_nothing_can_be_told(likeness: PhraseLikeness, text: str) -> None:
    assert likeness.share(text, [PAINT], [FOOD]) is None


def test_nobody_waits_for_phrases_and_a_model_that_fails_costs_no_turn() -> None:
    class Broken:
        def question(self, _text: str) -> None:
            raise RuntimeError("the model is broken")

    broken = PhraseLikeness(Broken())  # type: ignore[arg-type]
    broken.prepare([PAINT, FOOD])
    assert broken.share("卧室的墙", [PAINT], [FOOD]) is None
    assert not broken.knows([PAINT, FOOD])


def test_it_says_which_phrases_it_knows(likeness: PhraseLikeness) -> None:
    assert likeness.knows([PAINT, (), FOOD])
