"""How a run of `make outage` went, and what of it is wrong: pure counting, so that it can itself be tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.load.order_asker import OrderTally
from tests.load.punctual import Punctuality
from tests.load.tally import Tally


@dataclass(frozen=True)
class Wanted:
    """What the run was to be: messages a second in all, and how many seconds an answer may take."""

    rate: float
    deadline: float


@dataclass(frozen=True)
class OutageOutcome:
    """`told` is what /readyz said in each outage, `untold` are those of which it said nothing."""

    tally: Tally
    times: Punctuality
    orders: OrderTally
    asked: Wanted
    achieved: float
    seconds: float
    told: dict[str, str]
    untold: Sequence[str] = ()
    late: Mapping[str, int] = field(default_factory=dict)
    """How many of those that were late were asked in each outage, or after it and before the next."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        well = self.tally.sound(twice_is_wrong=True) and self.tally.sent > 0
        on_time = not (self.times.late or self.orders.late or self.orders.silent)
        return well and on_time and not self.untold

    def lines(self) -> list[str]:
        """For people."""
        orders, times = self.orders, self.times
        held = "held" if self.achieved >= 0.95 * self.asked.rate else "NOT HELD by this machine"
        return [
            f"{self.achieved:.1f} of {self.asked.rate:g} messages/s for {self.seconds:.0f} s: {held}",
            *(f"{name}: /readyz said {said}" for name, said in self.told.items()),
            *([f"/readyz did not tell of: {', '.join(self.untold)}"] if self.untold else []),
            f"{self.tally.acknowledged} of {self.tally.sent} acknowledged",
            f"the longest wait was {times.longest:.1f} s, of {self.asked.deadline:g} s",
            f"{times.excused} had to wait for their customer's next word",
            f"orders: {orders.asked} asked, {orders.told} told, {orders.put_off} put off, {orders.silent} not answered",
            f"orders: {orders.late} late; the longest wait was {orders.longest:.1f} s",
            *(f"{name}: {count} late" for name, count in self.late.items() if count),
            f"{self.tally}, {len(times.late)} late",
        ]
