"""What comes together goes together, and everybody gets their own answer."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from tests.deadlines import PATIENCE, wait_until
from wecom_bot.adapters.redis.group_commit import GroupCommit
from wecom_bot.errors import TemporaryFailure


@dataclass
class Road:
    """A trip that is told when to come to its end, and notes who was in it."""

    trips: list[list[str]] = field(default_factory=list)
    may_end: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    trouble: dict[str, Exception] = field(default_factory=dict)

    def __call__(self, items: Sequence[str]) -> list[str]:
        self.trips.append(list(items))
        assert self.may_end.acquire(timeout=PATIENCE)
        for item in items:
            if item in self.trouble:
                raise self.trouble[item]
        return [f"answer to {item}" for item in items]


@dataclass
class Callers:
    """Threads that bring something, and what became of it."""

    group: GroupCommit[str, str]
    threads: list[threading.Thread] = field(default_factory=list)
    outcomes: dict[str, str | Exception] = field(default_factory=dict)

    def bring(self, item: str) -> None:
        thread = threading.Thread(target=self._bring, args=(item,))
        self.threads.append(thread)
        thread.start()

    def bring_in_order(self, items: Sequence[str]) -> None:
        """While a trip is under way: one after the other, so that the next trip's order is known."""
        for place, item in enumerate(items, 1):
            self.bring(item)
            wait_until(lambda place=place: len(self.group._gathering) == place)  # type: ignore[misc] # noqa: SLF001

    def _bring(self, item: str) -> None:
        try:
            self.outcomes[item] = self.group(item)
        except Exception as e:  # noqa: BLE001 - the test looks at it
            self.outcomes[item] = e

    def join(self) -> None:
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def callers(road: Road) -> Callers:
    return Callers(GroupCommit(road))


def under_way(road: Road, callers: Callers, first: str) -> None:
    callers.bring(first)
    wait_until(lambda: bool(road.trips))


def test_who_comes_alone_waits_for_nobody(road: Road, callers: Callers) -> None:
    for number in range(3):
        road.may_end.release()
        assert callers.group(f"{number}") == f"answer to {number}"
    assert road.trips == [["0"], ["1"], ["2"]]


def test_who_comes_while_a_trip_is_under_way_shares_the_next(road: Road, callers: Callers) -> None:
    under_way(road, callers, "first")
    callers.bring_in_order(["a", "b", "c"])
    road.may_end.release(2)
    callers.join()
    assert road.trips == [["first"], ["a", "b", "c"]]
    assert callers.outcomes == {item: f"answer to {item}" for item in ("first", "a", "b", "c")}


def test_the_first_is_answered_while_the_next_trip_is_under_way(road: Road, callers: Callers) -> None:
    under_way(road, callers, "first")
    callers.bring_in_order(["second"])
    road.may_end.release()
    wait_until(lambda: "first" in callers.outcomes and len(road.trips) == 2)
    assert "second" not in callers.outcomes
    road.may_end.release()
    callers.join()


def test_a_trip_that_fails_fails_for_those_who_were_in_it_alone(road: Road, callers: Callers) -> None:
    road.trouble["a"] = TemporaryFailure("Redis is away")
    under_way(road, callers, "first")
    callers.bring_in_order(["a", "b"])
    road.may_end.release()
    wait_until(lambda: len(road.trips) == 2)
    callers.bring_in_order(["c"])
    road.may_end.release(2)
    callers.join()
    assert [type(callers.outcomes[item]) for item in ("a", "b")] == [TemporaryFailure] * 2
    assert callers.outcomes["first"] == "answer to first"
    assert callers.outcomes["c"] == "answer to c"


def test_a_bug_is_its_leaders_and_leaves_nobody_hanging(road: Road, callers: Callers) -> None:
    road.trouble["a"] = ZeroDivisionError("a bug")
    under_way(road, callers, "first")
    callers.bring_in_order(["a", "b"])
    road.may_end.release(2)
    callers.join()
    assert isinstance(callers.outcomes["a"], ZeroDivisionError)
    assert isinstance(callers.outcomes["b"], TemporaryFailure)
    road.may_end.release()
    assert callers.group("later") == "answer to later"


def test_many_at_once_each_get_their_own(road: Road, callers: Callers) -> None:
    road.may_end.release(1000)
    for number in range(100):
        callers.bring(f"{number}")
    callers.join()
    assert callers.outcomes == {f"{number}": f"answer to {number}" for number in range(100)}
    assert sorted(item for trip in road.trips for item in trip) == sorted(callers.outcomes)


KILLED = """
from gevent import monkey
monkey.patch_all()
import gevent
from gevent.event import Event
from wecom_bot.adapters.redis.group_commit import GroupCommit

may_end, trips = Event(), []

def trip(items):
    trips.append(list(items))
    may_end.wait()
    return items

group = GroupCommit(trip)
first, second, last = (gevent.spawn(group, name) for name in ("first", "second", "last"))
gevent.sleep(0)
{kill}
may_end.set()
assert last.get(timeout=60) == "last", trips
assert group("later") == "later"
"""


@pytest.mark.parametrize("kill", ["second.kill()", "first.kill()"], ids=["while it waits", "while it leads"])
def test_a_greenlet_that_is_killed_leaves_nobody_hanging(kill: str) -> None:
    subprocess.run([sys.executable, "-c", KILLED.replace("{kill}", kill)], check=True, timeout=PATIENCE)


def test_the_trip_is_led_by_one_at_a_time() -> None:
    alone = threading.Lock()
    crowded: list[int] = []

    def trip(items: Sequence[int]) -> list[int]:
        if alone.acquire(blocking=False):
            time.sleep(0)  # let others try
            alone.release()
        else:
            crowded.extend(items)
        return list(items)

    group: Callable[[int], int] = GroupCommit(trip)
    threads = [threading.Thread(target=lambda: [group(number) for number in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crowded == []
