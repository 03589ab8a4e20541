"""Customers who ask how their order stands, one a second: what they are told while the orders may be away."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Self

from tests.e2e.house import ACME, APP, House
from tests.load.customers import OK
from tests.load.punctual import Spell, waited
from tests.load.turns import order_id
from wecom_bot.simulators.wecom.schema import Door

_SHIPPED = "顺丰 SF123"


@dataclass(frozen=True, slots=True)
class OrderTally:
    """Of those whose question was acknowledged: who heard how the order stands, who a phrase, who nothing; and late."""

    asked: int = 0
    told: int = 0
    put_off: int = 0
    silent: int = 0
    late: int = 0
    longest: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One customer: when their question was acknowledged, when they heard something, and what."""

    known: float
    at: float = inf
    text: str = ""


def counted(customers: list[Heard], deadline: float, spells: Sequence[Spell] = ()) -> OrderTally:
    """Count it; who was never acknowledged is not owed anything."""
    owed = [each for each in customers if each.known < inf]
    heard = [each for each in owed if each.at < inf]
    waits = [waited(each.known, each.at, spells) for each in heard]
    told = sum(_SHIPPED in each.text for each in heard)
    return OrderTally(
        len(owed),
        told,
        len(heard) - told,
        len(owed) - len(heard),
        sum(wait > deadline for wait in waits),
        max(waits, default=0.0),
    )


def import_orders(house: House, count: int) -> None:
    """An order for each of so many customers."""
    path = house.folder / "orders.jsonl"
    fields = {"status": "已发货", "logistics": _SHIPPED, "updated_at": "2026-11-20T10:00:00+08:00"}
    lines = [{"order_id": order_id(number), "customer": f"o{number}"} | fields for number in range(count)]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    house.run("orders", "import", ACME, str(path))


@dataclass
class OrderAsker:
    """A thread in which a new customer asks after each pause, until it is stopped."""

    house: House
    most: int
    pause: float = 1.0
    said: dict[str, str] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _ask(self) -> None:
        for number in range(self.most):
            if self._over.wait(self.pause):
                return
            words = f"查一下我的订单 {order_id(number)}"
            self.said[self.house.wecom.say(ACME, APP, f"o{number}", words, Door.APP)] = f"o{number}"

    def heard(self) -> list[Heard]:
        """What became of all of them."""
        first: dict[str, tuple[float, str]] = {}
        for each in self.house.wecom.seen(ACME, APP):
            first.setdefault(each.customer, (each.at.timestamp(), each.text))
        found = []
        for report in self.house.wecom.deliveries([*self.said], until="settled", timeout=40):
            known = min((each.at.timestamp() + each.took for each in report.attempts if each.status == OK), default=inf)
            found.append(Heard(known, *first.get(self.said[report.message_id], (inf, ""))))
        return found
