from tests.quality.look_up import figures, hub_lag, made_up, timed


def test_as_many_phrasings_are_made_up_as_asked_for_and_no_two_are_the_same() -> None:
    ways = [way for article in made_up(10_000) for way in (article.question, *article.similar)]
    assert len(ways) == len(set(ways)) == 10_000


def test_times_are_told_in_milliseconds() -> None:
    assert str(figures([0.001] * 98 + [0.5, 0.5])) == "p50 1.0  p95 1.0  p99 500.0 ms"


def test_every_question_is_asked() -> None:
    asked: list[str] = []
    timed(asked.append, ["甲", "乙"])
    assert asked == ["甲", "乙"]
    asked.clear()
    hub_lag(asked.append, ["甲", "乙"], rate=50, seconds=0.2)
    assert asked[:2] == ["甲 0", "乙 1"]
