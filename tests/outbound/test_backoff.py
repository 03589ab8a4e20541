"""How long what failed is left alone."""

from datetime import timedelta

import pytest

from wecom_bot.outbound.backoff import Backoff, scattered

SECOND = timedelta(seconds=1)


def test_each_further_failure_doubles_the_wait_up_to_the_longest() -> None:
    backoff = Backoff(SECOND, 6 * SECOND, jitter=0)
    assert [backoff.after(failures) / SECOND for failures in range(1, 6)] == [1, 2, 4, 6, 6]


def test_a_streak_that_never_ends_waits_the_longest_and_no_number_overflows() -> None:
    assert Backoff(SECOND, timedelta(hours=1), jitter=0).after(10**9) == timedelta(hours=1)


@pytest.mark.parametrize(("drawn", "expected"), [(0.0, 4.0), (0.5, 3.0), (1.0, 2.0)])
def test_jitter_takes_its_share_of_the_wait_by_chance(drawn: float, expected: float) -> None:
    backoff = Backoff(SECOND, 60 * SECOND, jitter=0.5, chance=lambda: drawn)
    assert backoff.after(3) / SECOND == expected


def test_who_failed_together_comes_back_apart() -> None:
    backoff = Backoff(SECOND, 60 * SECOND)
    waits = {backoff.after(2) for _ in range(20)}
    assert len(waits) > 1
    assert all(SECOND <= wait <= 2 * SECOND for wait in waits)


@pytest.mark.parametrize(("drawn", "expected"), [(0.0, 10.0), (1.0, 13.0)])
def test_a_wait_that_was_asked_for_is_scattered_and_never_shortened(drawn: float, expected: float) -> None:
    assert scattered(10 * SECOND, 3 * SECOND, lambda: drawn) / SECOND == expected
