"""The count of `make outage` can fail: each late answer that it looks for is shown to it, and seen."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from tests.load.order_asker import Heard, OrderTally, counted
from tests.load.outage_report import OutageOutcome, Wanted
from tests.load.punctual import Punctuality, Spell, punctuality
from tests.load.tally import Asked, Customer, Tally

APP: Customer = ("ww_acme", "1000002", "c1")


def known(*moments: float) -> dict[Customer, list[Asked]]:
    return {APP: [Asked(number, fetched=False, began=at, known=at) for number, at in enumerate(moments)]}


def test_the_wait_is_from_our_word_to_the_first_sight() -> None:
    assert punctuality(known(10, 20), {APP: {0: 14.0, 1: 21.0}}, 5) == Punctuality((), 4.0)
    assert punctuality(known(10, 20), {APP: {0: 16.0, 1: 26.5}}, 5) == Punctuality((10, 20), 6.5)


def test_what_was_not_acknowledged_or_not_seen_is_no_matter_of_time() -> None:
    assert punctuality(known(inf, 10), {APP: {0: 99.0}}, 5) == Punctuality()
    assert punctuality(known(10), {}, 5) == Punctuality()


@pytest.mark.parametrize(
    ("said", "seen", "late"),
    [
        (10, 32, False),  # 2 s before the spell, 20 in it
        (10, 36, True),  # 4 s after it make 6
        (25, 34, False),
        (25, 36, True),
        (50, 56, True),  # long after it
    ],
)
def test_a_spell_without_that_on_which_all_stands_does_not_count(said: float, seen: float, *, late: bool) -> None:
    found = punctuality(known(said), {APP: {0: seen}}, 5, [Spell(12, 32 if said < 20 else 30)])
    assert bool(found.late) == late


def test_who_had_to_write_again_to_hear_the_rest_is_excused_and_counted() -> None:
    assert punctuality(known(10), {APP: {0: 99.0}}, 5, excused=[(APP, 0)]) == Punctuality((), 0.0, 1)


def test_who_asked_for_an_order_was_told_put_off_or_left_without_an_answer() -> None:
    customers = [Heard(10, 11, "已发货 顺丰 SF123"), Heard(10, 17, "抱歉"), Heard(10), Heard(inf, 30, "?")]
    assert counted(customers, 5) == OrderTally(asked=3, told=1, put_off=1, silent=1, late=1, longest=7)
    assert counted(customers, 5, [Spell(11, 14)]).late == 0


GOOD = OutageOutcome(
    Tally(10, 10, 10), Punctuality(), OrderTally(3, 2, 1), Wanted(50, 15), 50.0, 10.0, {"redis-killed": "down redis"}
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tally": Tally()},
        {"tally": Tally(10, 10, 9, lost=1)},
        {"tally": Tally(10, 10, 10, twice=1)},
        {"tally": Tally(10, 10, 10, out_of_order=1)},
        {"times": Punctuality(late=(10.0,))},
        {"orders": OrderTally(3, 2, 0, silent=1)},
        {"orders": OrderTally(3, 2, 1, late=1)},
        {"untold": ["redis-killed"]},
    ],
)
def test_a_run_is_sound_where_nothing_at_all_is_wrong(wrong: dict[str, Any]) -> None:
    assert GOOD.sound
    assert GOOD.lines()[-1] == "10 sent, 10 answered, 0 lost, 0 twice, 0 out of order, 0 late"
    assert not replace(GOOD, **wrong).sound
