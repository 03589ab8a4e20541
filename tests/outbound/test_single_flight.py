from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.deadlines import PATIENCE, wait_until
from wecom_bot.outbound.single_flight import SingleFlight

LONG = timedelta(seconds=PATIENCE)


def test_one_makes_it_and_who_comes_meanwhile_waits_until_it_is_made() -> None:
    flights = SingleFlight(LONG)
    assert flights.leads("a")
    with ThreadPoolExecutor(1) as threads:
        following = threads.submit(flights.leads, "a")
        wait_until(lambda: flights.followers("a") == 1)
        assert not following.done()
        flights.landed("a")
        assert following.result(PATIENCE) is False
    assert flights.followers("a") == 0
    assert flights.leads("a"), "the next one is made anew"


def test_other_things_are_made_beside_it() -> None:
    flights = SingleFlight(LONG)
    assert flights.leads("a")
    assert flights.leads("b")


def test_nobody_waits_for_one_that_began_too_long_ago() -> None:
    now = [0.0]
    flights = SingleFlight(timedelta(seconds=2), lambda: now[0])
    assert flights.leads("a")
    now[0] = 2.0
    assert flights.leads("a"), "whoever began it may be gone"
    flights.landed("a")
    flights.landed("a")


def test_what_never_landed_is_forgotten_in_time() -> None:
    now = [0.0]
    flights = SingleFlight(timedelta(seconds=1), lambda: now[0])
    for number in range(1000):
        assert flights.leads(f"old {number}")
    now[0] = 2.0
    assert flights.leads("new")
    assert list(flights._under_way) == ["new"]  # noqa: SLF001 - nothing else shows what is held
