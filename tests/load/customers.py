"""Customers of two tenants, who write through both channels at a rate that does not wait for the bot."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Self

from tests.e2e.house import ACME, APP, GLOBEX, KF
from tests.load.tally import Asked, Customer, answers_in, question
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import DeliveryReport, Door

OK = 200
DOORS = {KF: Door.KF, APP: Door.APP}
ACCOUNTS = tuple((corp, account) for corp in (ACME, GLOBEX) for account in DOORS)
_THREADS = 8
_IN_A_ROW, _SHARES = (1, 2, 3), (0.8, 0.15, 0.05)
"""How many messages a customer writes at once, and how often that is so."""


@dataclass
class Crowd:
    """All customers: what each has said, by number, and what each has seen."""

    wecom: SimulatorClient
    questions: int
    said: dict[Customer, list[str]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[Customer, list[int]] = field(default_factory=lambda: defaultdict(list))
    first_shown: dict[Customer, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    _seen: int = 0
    _reports: dict[str, DeliveryReport] = field(default_factory=dict)

    def ask(self, who: Customer) -> None:
        """The customer asks the next question. Only one thread speaks for a customer."""
        corp_id, account, customer = who
        mine = self.said[who]
        assert len(mine) < self.questions, f"{who} has asked everything: more customers are needed for so many messages"
        mine.append(self.wecom.say(corp_id, account, customer, question(len(mine)), DOORS[account]))

    def look(self) -> set[Customer]:
        """Take in what was shown since; who saw something."""
        fresh = [each for each in self.wecom.seen(after=self._seen) if each.seq > self._seen]
        for seen in fresh:
            who, numbers = (seen.corp_id, seen.account, seen.customer), answers_in(seen.text)
            self.shown[who] += numbers
            for number in numbers:
                self.first_shown[who].setdefault(number, seen.at.timestamp())
        self._seen = max((seen.seq for seen in fresh), default=self._seen)
        return {(seen.corp_id, seen.account, seen.customer) for seen in fresh}

    def asked(self) -> dict[Customer, list[Asked]]:
        """What each has asked, with how its callback fared; waits until WeCom will not try again."""
        news = [message_id for mine in self.said.values() for message_id in mine if message_id not in self._reports]
        if news:
            reports = self.wecom.deliveries(news, until="settled", timeout=40)
            self._reports |= {each.message_id: each for each in reports}
        return {who: [*_asked(who, mine, self._reports)] for who, mine in self.said.items()}

    def reports(self) -> list[DeliveryReport]:
        """How the callbacks fared of all that `asked` has looked at."""
        return [*self._reports.values()]


def _asked(who: Customer, mine: list[str], reports: Mapping[str, DeliveryReport]) -> Iterable[Asked]:
    for number, message_id in enumerate(mine):
        attempts = reports[message_id].attempts
        began = min((each.at.timestamp() for each in attempts), default=inf)
        known = min((each.at.timestamp() + each.took for each in attempts if each.status == OK), default=inf)
        yield Asked(number, fetched=who[1] == KF, began=began, known=known)


class Load:
    """Threads that write `rate` messages a second in all, each for customers of its own, until they are stopped."""

    def __init__(self, crowd: Crowd, rate: float, customers: int, seed: int) -> None:
        self._crowd, self._rate, self._seed = crowd, rate, seed
        self._everybody = [(*account, f"c{number}") for number in range(customers) for account in ACCOUNTS]
        self._over = threading.Event()
        self._failures: list[Exception] = []
        self._threads = [
            threading.Thread(target=self._guard, args=(number,), daemon=True)
            for number in range(min(_THREADS, len(self._everybody)))
        ]

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.took = time.monotonic() - self._began
        if self._failures:
            raise self._failures[0]

    @property
    def achieved(self) -> float:
        """Messages a second that were really written."""
        return sum(map(len, self._crowd.said.values())) / self.took

    def _guard(self, number: int) -> None:
        try:
            self._write(number)
        except Exception as e:  # noqa: BLE001 - it is raised where the load is stopped
            self._failures.append(e)

    def _write(self, number: int) -> None:
        """At moments drawn beforehand: who is late writes at once, so that a slow answer does not slow the load."""
        chance = random.Random(f"{self._seed}/{number}")  # noqa: S311 - to be had again, not to be secret
        mine = self._everybody[number :: len(self._threads)]
        due, turn = self._began, 0
        while not self._over.is_set():
            (count,) = chance.choices(_IN_A_ROW, _SHARES)
            due += count * chance.uniform(0, 2) * len(self._threads) / self._rate
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            who = mine[turn % len(mine)]
            turn += 1
            for _ in range(count):
                self._crowd.ask(who)
