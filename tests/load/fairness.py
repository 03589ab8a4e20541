"""What a customer waits for while somebody else takes all there is: the fairness lines of `make bench`.

(a) One tenant's single messages, alone and beside another tenant's crowd of waiting messages.
(b) Customers' questions, alone and beside one customer of the same tenant whose every turn hangs until its deadline.
Both phases are in one run, message after message; the simulated WeCom and Coze run in processes of their own.
"""

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.e2e.house import ACME, ARTICLES, GLOBEX, KF, House, company
from tests.load.apart import Apart
from tests.load.figures import percentile
from tests.load.scene import ASIDE, COZE, coze_apart
from wecom_bot.simulators.coze.client import CozeSimulatorClient

KEYS = ("fairness",)
QUESTION = next(iter(ARTICLES[ACME]))
CROWD = 10_000
SINGLES = 150
NEIGHBOURS = 1000
TIMES = 2  # what a message may take beside the crowd, of what it takes alone; and one turn on top
NOISE = 1.5  # between two p99 of the same thing, on a machine that does other things too

HANGS = 8.0  # seconds; five in a row take longer than the circuit breaker counts, so it never cuts one short
QUIET = {"WECOM_BOT_KF_SWEEP": "3600"}  # who is to wait for a notification is not swept up before


@dataclass(frozen=True)
class Phase:
    """What each message took, in milliseconds from being said to its answer being seen, and one turn of them."""

    took: list[float]
    turn: float

    @property
    def median(self) -> float:
        """Half of them took longer."""
        return statistics.median(self.took)

    @property
    def p99(self) -> float:
        """One in a hundred took longer."""
        return percentile(self.took, 0.99)

    def figures(self) -> dict[str, float]:
        """For the record."""
        return {"p50_ms": self.median, "p99_ms": self.p99, "turn_ms": self.turn}


def phase(house: House, name: str, count: int) -> Phase:
    """Say so many single messages, each of a new customer when the last was answered."""
    start, took = house.log.stat().st_size, []
    for number in range(count):
        began = time.perf_counter()
        house.wecom.say(ACME, KF, f"{name}{number}", QUESTION)
        house.wecom.wait_seen(ACME, KF, f"{name}{number}", timeout=60)
        took.append(1000 * (time.perf_counter() - began))
    return Phase(took, 1000 * statistics.median(turns(house.log, start, f"{KF}/{name}")))


def turns(log: Path, start: int, who: str) -> Iterator[float]:
    """The seconds of those customers' turns in the log after that place."""
    with log.open("rb") as lines:
        lines.seek(start)
        for line in lines:
            if b"turn.closed" in line and who.encode() in line:
                yield json.loads(line)["took"]


def report(title: str, alone: Phase, beside: Phase) -> None:
    """Both phases, one line each way of looking at them."""
    print(title)
    for name, one, other in (
        ("median", alone.median, beside.median),
        ("p99", alone.p99, beside.p99),
        ("one turn", alone.turn, beside.turn),
    ):
        print(f"  {name:12} {one:8.1f} ms alone {other:8.1f} ms beside   ratio {other / one:.2f}")


def beside_a_crowd() -> dict[str, Any]:
    """(a); it holds if a single message beside the crowd took at most twice what it takes alone, and one turn."""
    with furnished([company(ACME), company(GLOBEX)], QUIET) as house:
        phase(house, "warm", SINGLES // 5)
        alone = phase(house, "alone", SINGLES)
        for number in range(CROWD):
            house.wecom.say(GLOBEX, KF, f"crowd{number}", QUESTION, swallow=number < CROWD - 1)
        house.wecom.wait_seen(GLOBEX, KF, timeout=60)
        at_first = len(house.wecom.unanswered(GLOBEX))
        beside = phase(house, "beside", SINGLES)
        left = len(house.wecom.unanswered(GLOBEX))
    report(f"beside a crowd of another tenant: {SINGLES} single messages, {CROWD} waiting", alone, beside)
    print(f"  still waited {at_first:8} when the phase began {left:4} when it ended")
    allowed = TIMES * alone.median + alone.turn
    holds = left > 0 and beside.median <= allowed
    print(f"  {verdict(holds=holds)}: {beside.median:.1f} ms of {TIMES} x {alone.median:.1f} + {alone.turn:.1f} ms")
    return figures(alone, beside, holds=holds)


def beside_one_that_hangs() -> dict[str, Any]:
    """(b); it holds if p99 of the other customers is no more than noise above what it is alone."""
    with hanging_coze() as coze:
        env = QUIET | {
            "WECOM_BOT_COZE_BASE_URL": coze.base_url,
            "WECOM_BOT_NLU_TIMEOUT": "0.5",
            "WECOM_BOT_WORKFLOW_TIMEOUT": "0.5",
            "WECOM_BOT_CHAT_TIMEOUT": f"{HANGS}",
            "WECOM_BOT_THINK_DEADLINE": f"{HANGS + 2}",
        }
        with furnished([company(ACME, coze=COZE, handoff={"misses": 0})], env) as house:
            phase(house, "warm", NEIGHBOURS // 5)
            alone = phase(house, "alone", NEIGHBOURS)
            with always_a_turn(house, "slow"):
                beside = phase(house, "beside", NEIGHBOURS)
                waited, asked = len(house.wecom.unanswered(ACME)), coze.calls("/v3/chat")
    report(f"beside one customer whose every turn hangs: {NEIGHBOURS} messages of others", alone, beside)
    print(f"  one that hangs asked Coze {asked} times for {HANGS:g} s, and waited for {waited} answers in the end")
    holds = waited > 0 and beside.p99 <= NOISE * alone.p99
    print(f"  {verdict(holds=holds)}: p99 {beside.p99:.1f} ms of {alone.p99:.1f} ms, {NOISE} x is noise")
    return figures(alone, beside, holds=holds)


def figures(alone: Phase, beside: Phase, *, holds: bool) -> dict[str, Any]:
    """Both phases and what is said of them."""
    ratio = beside.median / alone.median
    return {"alone": alone.figures(), "beside": beside.figures(), "ratio": ratio, "holds": holds}


@contextmanager
def furnished(tenants: list[dict[str, object]], env: dict[str, str]) -> Iterator[House]:
    """A house whose WeCom runs in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), tenants, env=env, simulator=Apart("wecom_bot.simulators.wecom"))
        try:
            yield house.open()
        finally:
            house.close()


@contextmanager
def hanging_coze() -> Iterator[CozeSimulatorClient]:
    """A Coze in a process of its own that takes every chat and never says a word."""
    with coze_apart() as client:
        client.add_bot(COZE["bot_id"])
        client.fault("/v3/chat", "hang", lasting=timedelta(hours=1))
        yield client


@contextmanager
def always_a_turn(house: House, customer: str) -> Iterator[None]:
    """This customer's turn is with Coze all the time: what is said meanwhile waits for the next one, if not in it."""
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            house.wecom.say(ACME, KF, customer, ASIDE)
            over.wait(1)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()


def verdict(*, holds: bool) -> str:
    """In a word."""
    return "holds" if holds else "BROKEN"


def measure() -> dict[str, Any]:
    """The figures of KEYS. Only the bound of (a) is to hold: what is noise is a matter of the machine."""
    crowd, hangs = beside_a_crowd(), beside_one_that_hangs()
    return {"fairness": {"crowd": crowd, "hangs": hangs}}
