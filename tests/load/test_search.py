from tests.load.search import agreement, asked, many
from wecom_bot.domain.knowledge import Passage


def found(*ids: str) -> list[Passage]:
    return [Passage(each, "问", "答", 0.5) for each in ids]


def test_as_many_articles_and_questions_are_made_up_as_asked_for_and_no_two_are_the_same() -> None:
    assert len({each.question for each in many(6_000)}) == len({each.article_id for each in many(6_000)}) == 6_000
    assert len(set(asked(350))) == 350


def test_engines_agree_as_far_as_the_order_is_the_same() -> None:
    one = [found("a", "b", "c"), found("a", "b", "c"), found("a"), []]
    other = [found("a", "b", "c"), found("a", "c", "b"), found("b"), []]
    assert agreement(one, other) == {"first": 0.75, "three": 0.5}
