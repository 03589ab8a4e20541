"""The patterns of a tenant share one allowance of time, however many they are."""

from datetime import timedelta

import pytest

from wecom_bot.domain.pattern_share import MOST, Share, share
from wecom_bot.errors import PatternTooSlow


class Machine:
    """A clock, and work that takes the time it says."""

    def __init__(self) -> None:
        self.now, self.done = 100.0, 0.0
        self.share = Share(clock=lambda: self.now, worked=lambda: self.done)

    def read(self, seconds: float) -> None:
        def work() -> None:
            self.done += seconds

        self.share.spend(work)


def test_many_readings_of_which_none_is_too_slow_come_to_an_end() -> None:
    machine = Machine()
    told = []
    for _ in range(50):
        try:
            machine.read(0.04)
        except PatternTooSlow as e:
            told.append(e.aside)
    assert machine.done < MOST.total_seconds() + 0.05
    assert told[0] not in (None, timedelta(0))  # it is told once
    assert set(told[1:]) == {timedelta(0)}


def test_what_fails_takes_its_time_too() -> None:
    machine = Machine()

    def work() -> None:
        machine.done += 1
        raise PatternTooSlow("slow")

    with pytest.raises(PatternTooSlow, match=r"^slow$"):
        machine.share.spend(work)
    with pytest.raises(PatternTooSlow, match="together"):
        machine.read(0)


def test_time_comes_back_and_no_more_than_there_was() -> None:
    machine = Machine()
    machine.read(MOST.total_seconds() + 0.05)
    with pytest.raises(PatternTooSlow) as refused:
        machine.read(0)
    assert refused.value.aside is not None
    machine.now += refused.value.aside.total_seconds() + 0.1
    machine.read(0.1)
    machine.now += 86_400
    machine.read(MOST.total_seconds() + 0.01)
    with pytest.raises(PatternTooSlow):
        machine.read(0)


def test_a_tenant_has_one_share_and_another_tenant_another() -> None:
    assert share("ww1") is share("ww1")
    assert share("ww1") is not share("ww2")
