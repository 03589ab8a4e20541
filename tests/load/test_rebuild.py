"""What the comparison of rebuilds counts, and that a small one runs."""

from tests.load.asker import Fared
from tests.load.builder import builder
from tests.load.made_up import article
from tests.load.rebuild import compared


def test_an_answer_that_is_another_articles_or_none_is_wrong() -> None:
    fared = Fared()
    fared.note(5.0, "a1", "a1")
    fared.note(7.0, "a2", "a1")
    fared.note(9.0, None, "a1")
    assert (fared.wrong, fared.failed) == (2, 0)
    assert fared.figures() == {"p50": 7.0, "p95": 9.0, "p99": 9.0}
    assert Fared().figures() == {}


def test_no_two_articles_ask_the_same() -> None:
    made = [article(place) for place in range(2000)]
    ways = [way for each in made for way in (each.question, *each.similar)]
    assert len(set(ways)) == len(ways)


def test_a_small_rebuild_is_right_all_the_while(elasticsearch_url: str) -> None:
    with builder(elasticsearch_url, 300, replicas=0) as made:
        first, ours, fared = compared(elasticsearch_url, made, 20)
    assert first > 0
    assert ours > 0
    assert fared.took
    assert (fared.wrong, fared.failed) == (0, 0)
