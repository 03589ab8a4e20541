"""Slots: nobody takes the others' too, and nobody goes without for nothing."""

from dataclasses import dataclass

import pytest

from wecom_bot.domain.message import CorpId
from wecom_bot.worker.shares import Shares, wanted

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")


@dataclass
class Machine:
    """A clock, and the seconds of a core that were wanted by then."""

    now: float = 100.0
    wanted: float = 7.0

    def pass_by(self, seconds: float, wanted: float = 0.0) -> None:
        self.now += seconds
        self.wanted += wanted


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def shares(machine: Machine) -> Shares:
    made = Shares(8, lambda: machine.now, lambda: machine.wanted)
    made.know([ACME, GLOBEX])
    return made


def take(shares: Shares, corp_id: CorpId, slots: int) -> None:
    for number in range(slots):
        shares.take(corp_id, f"slot {number}")


def test_who_is_alone_may_have_all(shares: Shares) -> None:
    shares.know([ACME])
    take(shares, ACME, 8)
    assert shares.full() == []


def test_with_others_about_a_quarter_stays_theirs(shares: Shares) -> None:
    take(shares, ACME, 5)
    assert shares.full() == []
    shares.take(ACME, "another")
    assert shares.full() == [ACME]
    shares.give_back(ACME, "another")
    assert shares.full() == []


def test_a_crowd_gets_few_while_a_neighbour_wants_turns_and_time_is_short(shares: Shares, machine: Machine) -> None:
    take(shares, GLOBEX, 1)
    shares.give_back(GLOBEX, "slot 0")
    take(shares, ACME, 2)
    machine.pass_by(0.1, wanted=0.09)
    assert shares.full() == [ACME]
    machine.pass_by(0.9, wanted=0.5)
    for slot in ("another", "one more"):
        shares.take(ACME, slot)
    assert shares.full() == [ACME]
    machine.pass_by(0.2, wanted=0.1)
    assert shares.full() == []


def test_a_crowd_gets_its_share_again_when_the_neighbour_is_quiet(shares: Shares, machine: Machine) -> None:
    take(shares, GLOBEX, 1)
    shares.give_back(GLOBEX, "slot 0")
    machine.pass_by(10, wanted=10)
    take(shares, ACME, 2)
    assert shares.full() == []


def test_turns_that_wait_for_somebody_take_no_time_from_others(shares: Shares, machine: Machine) -> None:
    take(shares, GLOBEX, 1)
    take(shares, ACME, 2)
    machine.pass_by(0.3, wanted=0.3)
    assert shares.full() == []
    shares.take(ACME, "another")
    shares.take(ACME, "one more")
    assert shares.full() == [ACME]


def test_work_shows_in_what_this_thread_wanted() -> None:
    before = wanted()
    while wanted() - before < 0.01:
        sum(range(1000))
