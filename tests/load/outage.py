"""`make outage`: take each engine away under load, bring it back, and count what customers saw.

A house on a Redis, a MariaDB and an Elasticsearch of two nodes of its own, with customers of two tenants who write
through both channels, and one who asks for an order each second. Each engine in turn is killed, hangs, or answers
nonsense for a while. What was acknowledged has to be answered within the deadline by whatever is left, once and in
order; without Redis nothing can be answered, so its absence does not count, nor the time in which what gathered there
is worked off, but nothing may be lost.
Meanwhile the worker's /readyz has to say which engine is down.

The last line sums it up; the exit status is 1 if anything was lost, late, shown twice or out of order, or not told.
"""

import re
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
import requests

from tests.e2e.house import ACME, GLOBEX, House, company
from tests.fixtures.ports import free_port
from tests.load.apart import Apart
from tests.load.customers import ACCOUNTS, Crowd, Load
from tests.load.from_shell import carry_out, parser_of
from tests.load.order_asker import OrderAsker, counted, import_orders
from tests.load.outage_report import OutageOutcome, Wanted
from tests.load.outages import NAMES, Engines, Outage
from tests.load.punctual import Spell, punctuality
from tests.load.tally import Customer, tally
from tests.load.torture import QUESTIONS, explain, settle, teach
from tests.load.turns import INTENT

_HOUR = 3600
_SOON, _CATCHES_UP = 2.0, 180.0  # seconds


@dataclass(frozen=True)
class Options:
    """`seconds` is how long each outage lasts, `breath` the time after it.

    `deadline` is what an answer may take: 12 s for the thought and 5 for WeCom, as the settings have it.
    """

    rate: float = 50
    customers: int = 60
    seconds: float = 15
    breath: float = 8
    deadline: float = 17
    seed: int = 1
    only: tuple[str, ...] = NAMES


@dataclass
class Drill:
    """One run."""

    house: House
    engines: Engines
    options: Options
    spells: list[Spell] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)
    _breath: threading.Event = field(default_factory=threading.Event)

    def run(self) -> OutageOutcome:
        """All outages that were asked for, under load."""
        crowd, options = Crowd(self.house.wecom, QUESTIONS), self.options
        teach(self.house, crowd, self._index)
        import_orders(self.house, 2000)
        self._grow_old()
        with (
            OrderAsker(self.house, 2000) as asker,
            Load(crowd, options.rate, options.customers, options.seed) as load,
        ):
            self._breath.wait(options.breath / 2)
            for outage in self.engines.outages():
                self._endure(outage)
        before = {who: len(mine) for who, mine in crowd.said.items()}
        crowd.look()
        heard = {who: {*numbers} for who, numbers in crowd.shown.items()}
        settle(self.house, crowd)
        excused = _had_to_write_again(crowd, before, heard)
        asked = crowd.asked()
        times = punctuality(asked, crowd.first_shown, options.deadline, self.spells, excused)
        outcome = OutageOutcome(
            tally(asked, crowd.shown),
            times,
            counted(asker.heard(), options.deadline, self.spells),
            Wanted(options.rate, options.deadline),
            load.achieved,
            load.took,
            self.told,
            self.untold,
            Counter(self._latest(moment) for moment in times.late),
        )
        if not outcome.sound:
            explain(self.house, crowd)
        return outcome

    def _endure(self, outage: Outage) -> None:
        began, before = time.time(), self.fallbacks()
        self.began[outage.name] = began
        outage.begin()
        self._breath.wait(self.options.seconds)
        said = self.said()
        by_copy = self.fallbacks() - before
        self.told[outage.name] = (
            f"missing {said.get('missing')}, down {said.get('down')}, circuits "
            + str([f"{each['neighbour']} {each['part']} {each['state']}" for each in said.get("circuits", ())])
            + (f"; {by_copy:.0f} searches by the copy" if self.engines.search else "")
        )
        told = outage.engine in ["", *said.get("missing", ()), *said.get("down", ())]
        if not told or outage.falls_back > by_copy:
            self.untold.append(outage.name)
        outage.end()
        print(f"{outage.name}: {time.time() - began:.0f} s", flush=True)
        self._breath.wait(self.options.breath)
        if outage.stops:
            self._work_off(began)

    def _work_off(self, began: float) -> None:
        """Wait until nobody waits for long any more."""
        ended, until = time.time(), time.time() + _CATCHES_UP
        while self._waiting() > _SOON and time.time() < until:
            self._breath.wait(1)
        self.spells.append(Spell(began, time.time()))
        print(f"  what had gathered was worked off {time.time() - ended:.0f} s later", flush=True)

    def _waiting(self) -> float:
        """Seconds that the job which is due for longest has waited."""
        found = re.findall(r"^wecom_bot_queue_age_seconds\{.*\} (\S+)$", self._metrics(), re.MULTILINE)
        return max(map(float, found), default=0.0)

    def _latest(self, moment: float) -> str:
        """The outage that was the last one at that moment."""
        return max((at, name) for name, at in {"": 0.0, **self.began}.items() if at <= moment)[1]

    def said(self) -> dict[str, Any]:
        """What the worker's /readyz says; it may take as long as Redis's own deadline to find out."""
        port = self.house.env["WECOM_BOT_WORKER_PORT"]
        try:
            return dict(requests.get(f"http://127.0.0.1:{port}/readyz", timeout=15).json())
        except requests.RequestException as e:
            return {"missing": [type(e).__name__]}

    def _index(self) -> None:
        if self.engines.search:
            self.engines.search.index(self.engines.sql.url, [ACME, GLOBEX])

    def fallbacks(self) -> float:
        """How many searches the copy has answered so far."""
        found = re.search(r'^wecom_bot_search_fallbacks_total{by="copy"} (\S+)$', self._metrics(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def _metrics(self) -> str:
        port = self.house.env["WECOM_BOT_WORKER_PORT"]
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=15).text

    def _grow_old(self) -> None:
        """As if the ledgers had been there for an hour: then nobody has to ask SQL what an earlier one answered."""
        with redis.Redis.from_url(self.engines.redis.url) as client:
            for corp_id in (ACME, GLOBEX):
                client.set(f"wb:{{{corp_id}}}:born", int((time.time() - _HOUR) * 1000))


def _had_to_write_again(
    crowd: Crowd, before: dict[Customer, int], heard: dict[Customer, set[int]]
) -> list[tuple[Customer, int]]:
    """What customers had not heard when they wrote again, which nobody could have told them earlier."""
    again = [who for who, mine in crowd.said.items() if len(mine) > before.get(who, 0)]
    return [
        (who, number) for who in again for number in range(len(crowd.said[who])) if number not in heard.get(who, ())
    ]


def drill(folder: Path, options: Options) -> OutageOutcome:
    """Open a house on engines of its own, and run it."""
    with ExitStack() as leaving:
        short = Path(
            leaving.enter_context(tempfile.TemporaryDirectory(prefix="wb-outage-", ignore_cleanup_errors=True))
        )
        engines = Engines(short, options.only)
        leaving.callback(engines.close)
        env = engines.open() | {
            "WECOM_BOT_WORKER_PORT": str(free_port()),
            "WECOM_BOT_GATEWAY_PROCESSES": "2",
            "WECOM_BOT_LEASE": "15",
        }
        tenants = [company(ACME, intents=[INTENT]), company(GLOBEX)]
        house = House(folder, tenants, env=env, simulator=Apart("wecom_bot.simulators.wecom"))
        leaving.callback(house.close)
        house.open()
        house.wecom.mode(repeated_msgid="refused")
        return Drill(house, engines, options).run()


def main() -> None:
    """`make outage`."""
    fair = Options()
    parser = parser_of(__doc__, fair)
    parser.add_argument("--seconds", type=float, default=fair.seconds, help="that each outage lasts")
    parser.add_argument("--breath", type=float, default=fair.breath, help="seconds after each outage")
    parser.add_argument("--deadline", type=float, default=fair.deadline, help="seconds that an answer may take")
    parser.add_argument(
        "--only", nargs="*", default=NAMES, choices=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}"
    )
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    options = Options(**given | {"only": tuple(given["only"])})
    print(f"{options.rate:g} messages/s by {options.customers * len(ACCOUNTS)} customers", flush=True)
    carry_out(folder, lambda place: drill(place, options))


if __name__ == "__main__":
    main()
