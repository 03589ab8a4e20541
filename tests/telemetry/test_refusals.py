from collections.abc import Callable, Mapping

from wecom_bot.telemetry.refusals import Refusals


class Hours:
    """Time as the test has it pass, and what is to be done later."""

    def __init__(self) -> None:
        self.now = 0.0
        self.later: list[Callable[[], None]] = []
        self.told: list[Mapping[str, int]] = []

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        assert seconds == 1
        self.later.append(call)

    def refusals(self, a_second: int = 10) -> Refusals:
        return Refusals(self.told.append, a_second, clock=lambda: self.now, after=self.after)


def test_so_many_a_second_have_a_line_of_their_own() -> None:
    hours = Hours()
    refusals = hours.refusals()
    assert sum(refusals.admit("signature") for _ in range(100)) == 10
    hours.now = 0.35
    assert sum(refusals.admit("signature") for _ in range(100)) == 3
    hours.now = 60
    assert sum(refusals.admit("signature") for _ in range(100)) == 10


def test_the_others_are_told_together_by_their_kind_and_once() -> None:
    hours = Hours()
    refusals = hours.refusals(a_second=1)
    for kind in ("signature", "signature", "xml", "signature"):
        refusals.admit(kind)
    assert hours.told == []
    (tell,) = hours.later
    tell()
    assert hours.told == [{"signature": 2, "xml": 1}]
    tell()
    assert len(hours.told) == 1


def test_the_last_ones_are_told_too_and_nothing_runs_while_there_are_none() -> None:
    hours = Hours()
    refusals = hours.refusals(a_second=1)
    assert refusals.admit("xml")
    assert hours.later == []
    refusals.admit("xml")
    hours.later.pop()()
    refusals.admit("json")
    assert len(hours.later) == 1
    hours.later.pop()()
    assert hours.told == [{"xml": 1}, {"json": 1}]
