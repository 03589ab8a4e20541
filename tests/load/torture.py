"""`make torture`: kill -9 at random moments, under load, and count what customers saw.

Gateway, workers and Valkey are killed alone and two at once while customers of two tenants write through both
channels. Every customer asks numbered questions, each with an answer of its own, so that what is lost, doubled or out
of order shows, also where one reply holds the answers to several messages. It runs in two modes: WeCom refuses message
ids that it knows, and the pessimist's, where it shows them again.

The last line sums it up over the modes; the exit status is 1 if anything acknowledged was lost, anything came out of
order, or anything was shown twice although WeCom refuses message ids that it knows.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

from tests.e2e.house import ACME, GLOBEX, KF, House
from tests.load.apart import Apart
from tests.load.customers import ACCOUNTS, Crowd, Load
from tests.load.from_shell import parser_of
from tests.load.kills import Executioner, Moment, plan
from tests.load.tally import Tally, answer, question, tally, waiting

MODES = ("shown", "refused")
QUESTIONS = 400
PROCESSES = {"WECOM_BOT_GATEWAY_PROCESSES": "2", "WECOM_BOT_WORKER_PROCESSES": "2"}
_HUSH = 4.0
"""Seconds without anything new after which who still waits would write again, or nothing more is to come."""
_PATIENCE = 120.0


@dataclass(frozen=True)
class Options:
    """How to torture; `pause` is how many seconds lie between two moments of killing, on average."""

    rounds: int = 10
    rate: float = 50
    customers: int = 60
    pause: float = 5
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """How it went in one mode."""

    mode: str
    tally: Tally
    kills: Executioner
    asked_for: float
    achieved: float
    seconds: float
    again: int

    @property
    def sound(self) -> bool:
        return self.tally.sound(twice_is_wrong=self.mode == "refused")

    def lines(self) -> list[str]:
        """For people."""
        each = ", ".join(f"{count} {name}" for name, count in sorted(self.kills.killed.items()))
        kills = f"{self.kills.killed.total()} processes killed at {self.kills.moments} moments ({each})"
        held = "held" if self.achieved >= 0.95 * self.asked_for else "NOT HELD by this machine"
        return [
            f"{self.mode}: {self.achieved:.1f} of {self.asked_for:g} messages/s for {self.seconds:.0f} s: {held}",
            f"{self.mode}: {self.tally.acknowledged} of {self.tally.sent} acknowledged",
            f"{self.mode}: kf customers wrote {self.again} times more to hear the rest",
            f"{self.mode}: {self.tally.twice} shown twice beside {kills}",
            *([f"{self.mode}: {self.tally.strange} answers to what nobody asked"] if self.tally.strange else []),
            f"{self.mode}: {self.tally}",
        ]


def teach(house: House, crowd: Crowd, learnt: Callable[[], None] = lambda: None) -> None:
    """The tenants learn the answer to every numbered question, which is when `learnt` is called, and give the first."""
    lines = [
        json.dumps({"id": f"q{number}", "question": question(number), "answer": answer(number)}, ensure_ascii=False)
        for number in range(QUESTIONS)
    ]
    path = house.folder / "numbered.jsonl"
    path.write_text("\n".join(lines))
    for corp_id in (ACME, GLOBEX):
        house.run("articles", "import", corp_id, str(path))
    learnt()
    for corp_id in (ACME, GLOBEX):
        crowd.ask((corp_id, KF, "first"))
        house.wecom.wait_seen(corp_id, KF, "first", timeout=30)


def settle(house: House, crowd: Crowd) -> int:
    """Wait until nothing is missing and nothing comes any more; how often somebody wrote again.

    A kf customer may be told five things for each that they say: who filled an outage with questions may have to
    write again to hear the rest.
    """
    house.wait_ready()
    again, moved = 0, time.monotonic()
    end = moved + _PATIENCE
    while (now := time.monotonic()) < end:
        moved = now if crowd.look() else moved
        if now - moved < _HUSH:
            time.sleep(0.5)  # to look again; nobody would tell us that nothing comes
            continue
        lacking = waiting(crowd.asked(), crowd.shown)
        if not lacking:
            break
        for who in lacking:
            if who[1] == KF:
                crowd.ask(who)
                again += 1
        moved = now
    return again


def torture(folder: Path, mode: str, options: Options) -> Outcome:
    """One run in one mode."""
    rounds = plan(options.seed, options.rounds, options.pause)
    with ExitStack() as leaving:
        house = House(folder, env=PROCESSES, simulator=Apart("wecom_bot.simulators.wecom"))
        leaving.callback(house.close)
        house.open()
        house.wecom.mode(repeated_msgid=mode)
        crowd, kills = Crowd(house.wecom, QUESTIONS), Executioner(house)
        teach(house, crowd)
        with Load(crowd, options.rate, options.customers, options.seed) as load:
            for moments in rounds:
                kills.carry_out(moments)
        again = settle(house, crowd)
        counted = tally(crowd.asked(), crowd.shown)
        outcome = Outcome(mode, counted, kills, options.rate, load.achieved, load.took, again)
        if not outcome.sound:
            explain(house, crowd)
    return outcome


def explain(house: House, crowd: Crowd) -> None:
    """Who lacks what, and what the bot says of the work that is left."""
    asked = crowd.asked()
    for who in waiting(asked, crowd.shown):
        lacks = sorted({each.number for each in asked[who] if each.owed} - {*crowd.shown[who]})
        print("lacks", *who, lacks, "of", len(asked[who]))
    for corp_id in (ACME, GLOBEX):
        print(house.run("dead-letters", "list", corp_id))
    print(*house.log.read_text().splitlines()[-20:], sep="\n")


def show_plan(options: Options, rounds: Sequence[Sequence[Moment]]) -> None:
    """What is to come."""
    everybody = options.customers * len(ACCOUNTS)
    print(f"seed {options.seed}: {options.rounds} rounds, {options.rate:g} messages/s by {everybody} customers")
    for number, moments in enumerate(rounds, 1):
        blows = "  ".join(f"{each.after:.1f}s {'+'.join(map(str, each.blows))}" for each in moments)
        print(f"  round {number}: {blows}")


def main() -> None:
    """`make torture`."""
    fair = Options()
    parser = parser_of(__doc__, fair)
    parser.add_argument("--mode", choices=MODES, nargs="*", default=MODES)
    parser.add_argument("--rounds", type=int, default=fair.rounds, help="of killing, in each mode")
    parser.add_argument("--pause", type=float, default=fair.pause, help="seconds between two moments, on average")
    parser.set_defaults(seed=time.time_ns() % 10**6)
    given = vars(parser.parse_args())
    modes, folder = given.pop("mode"), given.pop("folder")
    options = Options(**given)
    expected = options.rate * 4 * options.rounds * options.pause / (options.customers * len(ACCOUNTS))
    if expected > QUESTIONS / 2:
        parser.error(f"each customer would ask {expected:.0f} of {QUESTIONS} questions: take more --customers")
    show_plan(options, plan(options.seed, options.rounds, options.pause))
    with tempfile.TemporaryDirectory() as temporary:
        outcomes = []
        for mode in modes:
            place = (folder or Path(temporary)) / mode
            place.mkdir(parents=True, exist_ok=True)
            outcomes.append(torture(place, mode, options))
            print(*outcomes[-1].lines(), sep="\n", flush=True)
    print(reduce(add, (each.tally for each in outcomes), Tally()))
    sys.exit(0 if all(each.sound for each in outcomes) else 1)


if __name__ == "__main__":
    main()
