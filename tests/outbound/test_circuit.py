"""A circuit breaker: closed, open, half-open, and one probe at a time."""

from datetime import timedelta

import pytest

from tests.fakes import Seconds
from wecom_bot.outbound.circuit import Circuit, CircuitOpen, CircuitState, LocalCircuitBreaker, Trip

HOST, BOT = Circuit("Coze", "host", "api.coze.example"), Circuit("Coze", "chat", "7")
TRIP = Trip(failures=3, within=timedelta(seconds=30), cool_down=timedelta(seconds=10))


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(clock: Seconds) -> LocalCircuitBreaker:
    return LocalCircuitBreaker(clock)


def opened(breaker: LocalCircuitBreaker, circuit: Circuit = HOST) -> list[bool]:
    return [breaker.failed(circuit, TRIP, "did not answer", 7) for _ in range(TRIP.failures)]


def admitted(breaker: LocalCircuitBreaker, *circuits: Circuit) -> bool:
    try:
        breaker.admit(*circuits)
    except CircuitOpen:
        return False
    return True


def test_it_is_closed_until_a_streak_opens_it_and_who_opened_it_is_told_once(breaker: LocalCircuitBreaker) -> None:
    assert breaker.state(HOST) is CircuitState.CLOSED
    assert opened(breaker) == [False, False, True]
    assert breaker.failed(HOST, TRIP) is False
    assert breaker.states() == {HOST: CircuitState.OPEN}


def test_open_it_refuses_at_once_and_says_why_and_for_how_long(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker)
    clock.now += 4
    with pytest.raises(CircuitOpen, match="not asked for 6 s") as refused:
        breaker.admit(BOT, HOST)
    assert (refused.value.circuit, refused.value.why, refused.value.code) == (HOST, "did not answer", 7)
    assert refused.value.left == timedelta(seconds=6)


def test_half_open_one_call_goes_ahead_as_the_probe_and_closes_it(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker)
    clock.now += 10
    assert breaker.state(HOST) is CircuitState.HALF_OPEN
    assert [admitted(breaker, HOST) for _ in range(3)] == [True, False, False]
    assert breaker.state(HOST) is CircuitState.HALF_OPEN
    assert breaker.succeeded(HOST) is True
    assert [admitted(breaker, HOST) for _ in range(3)] == [True, True, True]
    assert breaker.states() == {}


def test_a_probe_that_fails_opens_it_again(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker)
    clock.now += 10
    assert admitted(breaker, HOST)
    assert breaker.failed(HOST, TRIP) is False
    assert breaker.state(HOST) is CircuitState.OPEN
    assert not admitted(breaker, HOST)


def test_a_probe_that_is_never_heard_of_is_given_up(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker)
    clock.now += 10
    assert [admitted(breaker, HOST), admitted(breaker, HOST)] == [True, False]
    clock.now += 10
    assert admitted(breaker, HOST)


def test_a_probe_that_told_nothing_lets_the_next_one_go_ahead(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker)
    clock.now += 10
    assert admitted(breaker, HOST)
    breaker.undecided(HOST)
    assert [admitted(breaker, HOST), admitted(breaker, HOST)] == [True, False]


def test_a_call_that_one_circuit_refuses_is_no_probe_of_another(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker, HOST)
    clock.now += 5
    opened(breaker, BOT)
    clock.now += 5
    assert not admitted(breaker, HOST, BOT)
    assert admitted(breaker, HOST)


def test_failures_far_apart_and_failures_between_answers_are_no_streak(
    breaker: LocalCircuitBreaker, clock: Seconds
) -> None:
    for _ in range(5):
        assert breaker.failed(HOST, TRIP) is False
        clock.now += 20
    for _ in range(5):
        assert breaker.failed(BOT, TRIP) is False
        assert breaker.failed(BOT, TRIP) is False
        assert breaker.succeeded(BOT) is False


def test_what_nobody_asks_for_is_forgotten_one_day(breaker: LocalCircuitBreaker, clock: Seconds) -> None:
    opened(breaker, HOST)
    clock.now += 3610
    assert breaker.states() == {HOST: CircuitState.HALF_OPEN}
    opened(breaker, BOT)
    clock.now += 1
    assert breaker.states() == {BOT: CircuitState.OPEN}
    clock.now += 3610
    assert breaker.states() == {}
