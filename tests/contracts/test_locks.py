"""The contract of ports.Locks."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.fakes import SettableClock
from wecom_bot.adapters.sql.locks import SqlLocks
from wecom_bot.ports import Locks

SPAN = timedelta(seconds=30)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def locks(sql_engine: sa.Engine, clock: SettableClock) -> Locks:
    return SqlLocks(sql_engine, clock)


def test_who_comes_first_has_it_and_the_next_is_told_who(locks: Locks, clock: SettableClock) -> None:
    mine = locks.take("a", "t1", "olivia", SPAN)
    assert (mine.token, mine.holder, mine.taken_at) == ("t1", "olivia", clock.at)
    clock.forward(seconds=1)
    assert locks.take("a", "t2", "oscar", SPAN) == mine == locks.holder("a")
    assert locks.take("b", "t2", "oscar", SPAN).token == "t2"


def test_taking_it_again_makes_it_last_longer(locks: Locks, clock: SettableClock) -> None:
    mine = locks.take("a", "t1", "olivia", SPAN)
    clock.forward(seconds=29)
    assert locks.take("a", "t1", "olivia", SPAN) == mine
    clock.forward(seconds=29)
    assert locks.take("a", "t2", "oscar", SPAN).token == "t1"


def test_it_runs_out_and_is_the_next_ones(locks: Locks, clock: SettableClock) -> None:
    locks.take("a", "t1", "olivia", SPAN)
    clock.forward(seconds=31)
    assert locks.holder("a") is None
    taken = locks.take("a", "t2", "oscar", SPAN)
    assert (taken.token, taken.holder, taken.taken_at) == ("t2", "oscar", clock.at)
    assert locks.take("a", "t1", "olivia", SPAN).token == "t2"
    clock.forward(seconds=29)
    assert locks.holder("a") == taken


def test_what_ran_out_and_nobody_took_is_still_ours(locks: Locks, clock: SettableClock) -> None:
    mine = locks.take("a", "t1", "olivia", SPAN)
    clock.forward(seconds=31)
    assert locks.take("a", "t1", "olivia", SPAN) == mine
    assert locks.holder("a") == mine


def test_only_who_has_it_gives_it_back(locks: Locks) -> None:
    locks.take("a", "t1", "olivia", SPAN)
    locks.give_back("a", "t2")
    assert locks.holder("a") is not None
    locks.give_back("a", "t1")
    assert locks.holder("a") is None
    assert locks.take("a", "t2", "oscar", SPAN).token == "t2"


def test_of_many_at_once_one_has_it(locks: Locks) -> None:
    tokens: set[str] = set()
    threads = [
        threading.Thread(target=lambda number=number: tokens.add(locks.take("a", f"t{number}", "x", SPAN).token))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 1
