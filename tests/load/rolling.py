"""`make rolling`: restart every gateway and every worker, one after the other, under load; count what customers saw.

Two gateways behind nginx and two workers, on a real Redis and a real MariaDB, each under the command line of its
systemd unit. While customers of two tenants write through both channels each process in turn gets a SIGTERM, ends by
itself, is started again and is waited for until its /readyz says so; several rounds of that.

The last line sums it up; the exit status is 1 if anything was lost, shown twice or out of order, or if a callback got
anything but a 200, whether or not WeCom would have brought it again.
"""

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.load.apart import Apart
from tests.load.customers import ACCOUNTS, OK, Crowd, Load
from tests.load.from_shell import carry_out, parser_of
from tests.load.spread import Spread
from tests.load.tally import Tally, tally
from tests.load.torture import QUESTIONS, explain, settle, teach


@dataclass(frozen=True)
class Options:
    """How to roll; `pause` is how many seconds lie between two restarts, `patience` how many WeCom waits for a 200."""

    rounds: int = 3
    rate: float = 30
    customers: int = 60
    pause: float = 2
    seed: int = 1
    patience: float = 5


@dataclass(frozen=True)
class Outcome:
    """How it went: `refused` callbacks got no 200 at one try at least, `slowest` is the longest wait for an answer."""

    tally: Tally
    refused: int
    slowest: float
    stops: dict[str, float]
    achieved: float
    asked_for: float
    seconds: float
    again: int

    @property
    def sound(self) -> bool:
        return self.tally.sound(twice_is_wrong=True) and not self.refused and self.tally.sent > 0

    def lines(self) -> list[str]:
        """For people."""
        held = "held" if self.achieved >= 0.95 * self.asked_for else "NOT HELD by this machine"
        stops = ", ".join(f"{name} {took:.1f} s" for name, took in self.stops.items())
        return [
            f"{self.achieved:.1f} of {self.asked_for:g} messages/s for {self.seconds:.0f} s: {held}",
            f"the longest stop of each process: {stops}",
            f"the slowest callback got its answer after {self.slowest:.2f} s",
            f"kf customers wrote {self.again} times more to hear the rest",
            f"{self.tally}, {self.refused} refused",
        ]


def roll(folder: Path, options: Options) -> Outcome:
    """One run."""
    with ExitStack() as leaving:
        house = Spread(folder, simulator=Apart("wecom_bot.simulators.wecom"), patience=options.patience)
        leaving.callback(house.close)
        house.open()
        house.wecom.mode(repeated_msgid="shown", deadline=options.patience)  # the pessimist's: what is said twice shows
        crowd = Crowd(house.wecom, QUESTIONS)
        teach(house, crowd)
        with Load(crowd, options.rate, options.customers, options.seed) as load:
            stops = _restart_all(house, options)
        again = settle(house, crowd)
        counted = tally(crowd.asked(), crowd.shown)
        tries = [report.attempts for report in crowd.reports()]
        outcome = Outcome(
            counted,
            sum(any(each.status != OK for each in attempts) for attempts in tries),
            max((each.took for attempts in tries for each in attempts), default=0.0),
            stops,
            load.achieved,
            options.rate,
            load.took,
            again,
        )
        if not outcome.sound:
            explain(house, crowd)
    return outcome


def _restart_all(house: Spread, options: Options) -> dict[str, float]:
    """Restart each in turn, round after round; the longest stop of each, in seconds."""
    stops: dict[str, float] = {}
    breath = threading.Event()  # never set: the load goes on meanwhile
    for _ in range(options.rounds):
        for part in house.parts:
            breath.wait(options.pause)
            stops[part.name] = max(part.restart(), stops.get(part.name, 0.0))
    breath.wait(options.pause)
    return stops


def main() -> None:
    """`make rolling`."""
    fair = Options()
    parser = parser_of(__doc__, fair)
    parser.add_argument("--rounds", type=int, default=fair.rounds, help="in each of them every process is restarted")
    parser.add_argument("--pause", type=float, default=fair.pause, help="seconds between two restarts")
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    options = Options(**given)
    everybody = options.customers * len(ACCOUNTS)
    print(f"{options.rounds} rounds, {options.rate:g} messages/s by {everybody} customers", flush=True)
    carry_out(folder, lambda place: roll(place, options))


if __name__ == "__main__":
    main()
