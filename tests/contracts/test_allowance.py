"""The contract of sharing.Allowance."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.full_redis import full
from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.sharing import Allowance, Most
from wecom_bot.domain.message import CorpId

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = timedelta(0)
HOUR, SHORT = timedelta(hours=1), timedelta(milliseconds=180)
PAUSE = timedelta(seconds=1.5)  # longer than a busy machine takes to come back to us


@pytest.fixture
def allowance(redis_client: Client) -> Allowance:
    return RedisAllowance(redis_client)


@pytest.fixture
def elsewhere(redis_client: Client) -> Allowance:
    """What another process has."""
    return RedisAllowance(redis_client)


def taken(allowance: Allowance, times: int, *most: Most, what: str = "api/user/get") -> list[bool]:
    """Whether each of so many may be done."""
    return [allowance.take(ACME, what, most) == NOW for _ in range(times)]


def test_so_many_may_be_done_and_no_more(allowance: Allowance) -> None:
    assert taken(allowance, 5, Most(3, HOUR)) == [True, True, True, False, False]


def test_who_must_wait_is_told_how_long_and_not_counted(allowance: Allowance) -> None:
    taken(allowance, 2, Most(2, HOUR))
    waits = [allowance.take(ACME, "api/user/get", [Most(2, HOUR)]) for _ in range(10)]
    assert all(HOUR - timedelta(minutes=1) < wait <= HOUR + timedelta(minutes=1) for wait in waits)
    assert waits == sorted(waits, reverse=True)
    assert taken(allowance, 2, Most(3, HOUR)) == [True, False]


def test_processes_that_ask_side_by_side_never_get_more_together(allowance: Allowance, elsewhere: Allowance) -> None:
    begin = Barrier(8)

    def greedy(number: int) -> int:
        begin.wait(timeout=PATIENCE)
        return sum(taken(allowance if number % 2 else elsewhere, 20, Most(50, HOUR)))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(greedy, range(8))) == 50


def test_in_no_span_wherever_it_begins_are_there_more(allowance: Allowance) -> None:
    most, granted = Most(5, SHORT), list[tuple[float, float]]()
    while len(granted) < 12:
        asked = time.monotonic()
        if allowance.take(ACME, "often", [most]) == NOW:
            granted.append((asked, time.monotonic()))
    # each was counted between asking and knowing: no two were further apart than from the one to the other
    for (first, _), (_, sixth) in zip(granted, granted[5:], strict=False):
        assert sixth - first > SHORT.total_seconds()


@pytest.mark.parametrize("most", [(Most(2, SHORT),), (Most(1, SHORT / 3), Most(2, SHORT))], ids=["one", "two limits"])
def test_a_wait_that_was_answered_is_enough(allowance: Allowance, most: tuple[Most, ...]) -> None:
    granted = 0
    while granted < 5:
        wait = allowance.take(ACME, "patient", most)
        if wait == NOW:
            granted += 1
            continue
        time.sleep(wait.total_seconds())  # what it answers is the thing under test
        assert allowance.take(ACME, "patient", most) == NOW
        granted += 1


def test_the_strictest_of_several_limits_decides_and_a_refusal_counts_for_none(allowance: Allowance) -> None:
    minute, hour = Most(2, timedelta(minutes=1)), Most(3, HOUR)
    assert taken(allowance, 4, minute, hour) == [True, True, False, False]
    assert allowance.take(ACME, "api/user/get", [minute, hour]) <= timedelta(seconds=61)
    assert taken(allowance, 2, hour) == [True, False]
    assert allowance.take(ACME, "api/user/get", [minute, hour]) > timedelta(minutes=58)


def test_a_limit_that_was_lowered_holds_at_once(allowance: Allowance) -> None:
    taken(allowance, 10, Most(10, HOUR))
    assert allowance.take(ACME, "api/user/get", [Most(3, HOUR)]) > NOW


def test_one_thing_does_not_use_up_another(allowance: Allowance) -> None:
    taken(allowance, 1, Most(1, HOUR), what="member/li")
    assert taken(allowance, 1, Most(1, HOUR), what="member/wang") == [True]


def test_what_is_closed_is_closed_for_everybody_and_opens_again(allowance: Allowance, elsewhere: Allowance) -> None:
    assert allowance.close(ACME, "api/user/get", HOUR) == HOUR
    assert HOUR / 2 < elsewhere.take(ACME, "api/user/get", [Most(100, HOUR)]) <= HOUR
    assert elsewhere.take(ACME, "api/other", [Most(100, HOUR)]) == NOW
    allowance.close(ACME, "soon", SHORT)
    wait_until(lambda: elsewhere.take(ACME, "soon", []) == NOW)


def test_a_closure_is_made_longer_by_a_later_one_and_never_shorter(allowance: Allowance) -> None:
    allowance.close(ACME, "x", HOUR)
    assert allowance.close(ACME, "x", SHORT) > HOUR / 2
    assert allowance.close(ACME, "x", 2 * HOUR) == 2 * HOUR


@pytest.mark.parametrize(("longest", "then"), [(HOUR, 2 * PAUSE), (1.5 * PAUSE, 1.5 * PAUSE)], ids=["", "at most"])
def test_who_is_refused_again_right_after_a_closure_waits_twice_as_long(
    allowance: Allowance, longest: timedelta, then: timedelta
) -> None:
    assert allowance.close(ACME, "x", PAUSE, longest) == PAUSE
    wait_until(lambda: allowance.take(ACME, "x", []) == NOW)
    assert allowance.close(ACME, "x", PAUSE, longest) == then


def test_refusals_of_what_was_on_its_way_already_double_nothing(allowance: Allowance, elsewhere: Allowance) -> None:
    begin = Barrier(8)

    def refused(number: int) -> timedelta:
        begin.wait(timeout=PATIENCE)
        return (allowance if number % 2 else elsewhere).close(ACME, "x", HOUR, 24 * HOUR)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(refused, range(8))) == {HOUR}


def test_who_is_refused_long_after_a_closure_begins_anew(allowance: Allowance, redis_client: Client) -> None:
    allowance.close(ACME, "x", SHORT / 3, HOUR)
    wait_until(lambda: not keys(redis_client))  # as long again as it lasted
    assert allowance.close(ACME, "x", SHORT / 3, HOUR) == SHORT / 3


def test_a_short_closure_right_after_a_long_one_is_no_longer_than_its_own_longest(allowance: Allowance) -> None:
    allowance.close(ACME, "x", PAUSE)
    wait_until(lambda: allowance.take(ACME, "x", []) == NOW)
    assert allowance.close(ACME, "x", SHORT / 10, SHORT / 5) == SHORT / 5


def test_what_is_kept_is_small_and_goes_away_by_itself(allowance: Allowance, redis_client: Client) -> None:
    store: Any = redis_client
    end, sizes = time.monotonic() + 5 * SHORT.total_seconds(), list[int]()
    while time.monotonic() < end or not sizes:
        allowance.take(ACME, "often", [Most(10_000, SHORT), Most(10_000, SHORT / 2)])
        for key in keys(redis_client):  # which may be gone already, where the machine stands still
            assert b"{ww_acme}:allow:often" in key
            sizes.append(store.hlen(key))
    assert 0 < max(sizes) <= 2 * 61 + 2
    wait_until(lambda: not keys(redis_client))


def test_of_a_large_limit_no_more_are_done_although_some_are_counted_ahead(
    allowance: Allowance, elsewhere: Allowance
) -> None:
    large = Most(9_000, HOUR)
    granted = sum(sum(taken(each, 1_000, large)) for _ in range(5) for each in (allowance, elsewhere))
    assert 9_000 - 2 * 16 <= granted <= 9_000


def test_what_is_counted_ahead_saves_trips_and_is_not_used_after_a_second(redis_client: Client) -> None:
    moment = [0.0]
    allowance = RedisAllowance(redis_client, lambda: moment[0])
    large = Most(10_000, HOUR)
    counts = [counted(redis_client, allowance, large) for _ in range(20)]
    assert counts == [1, 3, 3, 7, 7, 7, 7, *[15] * 8, *[31] * 5]
    moment[0] += 1.0
    assert counted(redis_client, allowance, large) == 31 + 5  # as many as were used of the last ones
    moment[0] += 1.0
    assert counted(redis_client, allowance, large) == 31 + 5 + 1


def test_who_closes_it_uses_none_that_was_counted_ahead(allowance: Allowance) -> None:
    large = Most(10_000, HOUR)
    taken(allowance, 4, large)
    allowance.close(ACME, "api/user/get", HOUR)
    assert taken(allowance, 1, large) == [False]


def test_a_lost_key_is_harmless(allowance: Allowance, redis_client: Client) -> None:
    taken(allowance, 2, Most(1, HOUR))
    allowance.close(ACME, "api/user/get", HOUR)
    redis_client.flushall()
    assert taken(allowance, 2, Most(1, HOUR)) == [True, False]


def test_a_full_server_still_counts(allowance: Allowance, redis_client: Client) -> None:
    with full(redis_client):
        assert taken(allowance, 2, Most(1, HOUR)) == [True, False]
        assert allowance.close(ACME, "x", HOUR) == HOUR


@pytest.mark.parametrize("make", [lambda: Most(0, HOUR), lambda: Most(1, NOW)], ids=["none", "no time"])
def test_a_limit_that_nothing_could_meet_is_none(make: Callable[[], Most]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        make()


def test_tenants_do_not_see_each_other(allowance: Allowance) -> None:
    taken(allowance, 2, Most(1, HOUR))
    allowance.close(ACME, "api/user/get", HOUR)
    assert allowance.take(GLOBEX, "api/user/get", [Most(1, HOUR)]) == NOW
    allowance.close(GLOBEX, "other", HOUR)
    assert allowance.take(ACME, "other", [Most(1, HOUR)]) == NOW


def keys(client: Client) -> list[bytes]:
    store: Any = client
    return list(store.keys("*allow*"))


def counted(client: Client, allowance: Allowance, most: Most) -> int:
    """How many are counted, once another was taken."""
    assert taken(allowance, 1, most) == [True]
    store: Any = client
    (key,) = keys(client)
    return sum(int(count) for count in store.hvals(key))
