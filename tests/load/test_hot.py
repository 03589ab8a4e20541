import pytest

from tests.load.hot import share_repeated, stream


def test_of_a_stream_just_that_share_was_asked_before() -> None:
    known = [f"q{number}" for number in range(400)]
    said = stream(known, 1000, 0.72, 1)
    assert len(said) == 1000
    assert share_repeated(said) == pytest.approx(0.72)
    assert said == stream(known, 1000, 0.72, 1)
    assert {*said} <= {*known}


def test_where_too_few_are_known_there_is_no_such_stream() -> None:
    with pytest.raises(ValueError, match="280 different questions"):
        stream(["one"], 1000, 0.72, 1)
