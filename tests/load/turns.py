"""What a turn costs: CPU of all our processes from the callback to the reply, and the time that we add to Coze's.

CPU is measured as fast as messages can be said, the time added at a steady rate; each message is of another customer,
who has written before. Beside a turn stands the same turn on the floor (`floor.py`), in rounds that take turns; only
orders are looked up by ours alone. Merging is off. A turn with Coze is one chat that words the reply: no workflow is
part of it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from statistics import median
from typing import Any

from tests.e2e.house import ACME, APP, GLOBEX, KF
from tests.load import sides
from tests.load.figures import median_by_name, percentile
from tests.load.scene import ASIDE, Scene, scene
from tests.load.sides import Kind, Round, Side
from tests.quality.questions import RETAIL

KEYS = (
    *("cpu_ms", "cpu_by_process", "cpu_floor_ms", "cpu_ratio_to_floor"),
    *("added_ms", "added_app_ms", "added_floor_ms", "added_floor_app_ms", "cpu_paced_ms", "cpu_paced_floor_ms"),
)
ROUNDS, CUSTOMERS = 5, 200
RATE, PACED = 20.0, 200  # messages a second, and how many in a round
THINKS = 0.2  # seconds that Coze takes while the time is measured, which are taken off

INTENT = {
    "name": "order_status",
    "examples": ["查一下我的订单", "我的快递到哪了"],
    "lookup": "order",
    "slots": [{"name": "order_id", "pattern": "[0-9]{12}", "ask": "订单号是多少？"}],
}
KINDS = {
    "faq": Kind(APP, lambda _: "几点关门", "晚上九点", 0),
    "order": Kind(APP, lambda number: f"查一下我的订单 {order_id(number)}", "顺丰", 0),
    "coze_turn": Kind(APP, lambda _: ASIDE, "请看这里", 1),
    "coze_turn_kf": Kind(KF, lambda _: ASIDE, "请看这里", 1),
}
HOT = {"hot_answer": Kind(APP, lambda _: "几点关门", "二十四小时", 0)}
"""The same as `faq`, of the company that has hot answers."""


def order_id(number: int) -> str:
    """The order of the customer with that number."""
    return f"{202600000000 + number}"


@dataclass
class Rounds:
    """What one side did, by kind of turn: as fast as may be, and at the steady rate."""

    fast: dict[str, list[Round]] = field(default_factory=dict)
    paced: dict[str, list[Round]] = field(default_factory=dict)

    def add(self, made: Scene, side: Side, kinds: Iterable[str], idle: Mapping[str, float]) -> None:
        """One round of each kind; `idle` is what the side takes by itself."""
        kinds = tuple(kinds)
        made.thinks(0)
        for name in kinds:
            self.fast.setdefault(name, []).append(side.round(_kind(name), CUSTOMERS, inf, idle))
        made.thinks(THINKS)
        for name in kinds:
            if _kind(name).chats:
                self.paced.setdefault(name, []).append(side.round(_kind(name), PACED, RATE, idle))


def _kind(name: str) -> Kind:
    return (KINDS | HOT)[name]


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    top, bottom = Rounds(), Rounds()
    with_coze = tuple(name for name, kind in KINDS.items() if kind.chats)
    on_floor = ("faq", *with_coze)
    with (
        scene({"WECOM_BOT_LOG_LEVEL": "warning"}, merge_window=0, intents=[INTENT], hot_answers=0) as made,
        sides.floor(made) as floor,
    ):
        _import_orders(made)
        for corp_id in (ACME, GLOBEX):  # among as many articles as a small shop has
            made.house.run("articles", "import", corp_id, str(RETAIL))
        ours, hot = sides.ours(made), sides.ours(made, GLOBEX)
        for side in (ours, floor):  # everybody has written before
            for name in on_floor:
                side.round(KINDS[name], CUSTOMERS, inf, {})
        hot.round(HOT["hot_answer"], CUSTOMERS, inf, {})
        for _ in range(ROUNDS):
            idle = ours.idle()
            top.add(made, ours, KINDS, idle)
            top.add(made, hot, HOT, idle)
            bottom.add(made, floor, on_floor, floor.idle())
    found = figures(top, bottom)
    _tell(found)
    return found


def _import_orders(made: Scene) -> None:
    path = made.house.folder / "orders.jsonl"
    fields = {"status": "已发货", "logistics": "顺丰 SF123", "updated_at": "2026-11-20T10:00:00+08:00"}
    lines = [{"order_id": order_id(number), "customer": f"u{number}"} | fields for number in range(CUSTOMERS)]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    made.house.run("orders", "import", ACME, str(path))


def figures(ours: Rounds, floor: Rounds) -> dict[str, Any]:
    """What the rounds come to: medians of CPU, and percentiles of all times."""
    cpu, least = _each(ours.fast, _cpu), _each(floor.fast, _cpu)
    return {
        "cpu_ms": cpu,
        "cpu_by_process": _each(ours.fast, lambda rounds: median_by_name(each.cpu for each in rounds)),
        "cpu_floor_ms": least,
        "cpu_ratio_to_floor": {name: cpu[name] / least[name] for name in least},
        "added_ms": _added(ours.paced["coze_turn_kf"]),
        "added_app_ms": _added(ours.paced["coze_turn"]),
        "added_floor_ms": _added(floor.paced["coze_turn_kf"]),
        "added_floor_app_ms": _added(floor.paced["coze_turn"]),
        "cpu_paced_ms": _each(ours.paced, _cpu),
        "cpu_paced_floor_ms": _each(floor.paced, _cpu),
    }


def _each(rounds: Mapping[str, list[Round]], of: Callable[[list[Round]], Any]) -> dict[str, Any]:
    return {name: of(each) for name, each in rounds.items()}


def _cpu(rounds: list[Round]) -> float:
    return median(each.all_cpu for each in rounds)


def _added(rounds: list[Round]) -> dict[str, float]:
    took = [each - 1000 * THINKS for one in rounds for each in one.took]
    return {"p50": percentile(took, 0.5), "p99": percentile(took, 0.99)}


def _tell(found: Mapping[str, Any]) -> None:
    for name, cpu in found["cpu_ms"].items():
        parts = ", ".join(f"{kind} {each:.1f}" for kind, each in sorted(found["cpu_by_process"][name].items()))
        least = found["cpu_floor_ms"].get(name)
        beside = f"   floor {least:5.2f}, ratio {cpu / least:.2f}" if least else ""
        print(f"  {name:13} {cpu:7.2f} ms of CPU a turn{beside}   ({parts})")
    for name, cpu in found["cpu_paced_ms"].items():
        least = found["cpu_paced_floor_ms"][name]
        at = f"at {RATE:g}/s"
        print(f"  {name:13} {cpu:7.2f} ms of CPU a turn   floor {least:5.2f}, ratio {cpu / least:.2f}   {at}")
    for name, key, floor in (("kf", "added_ms", "added_floor_ms"), ("app", "added_app_ms", "added_floor_app_ms")):
        mine, least = found[key], found[floor]
        print(
            f"  added, {name:6} p50 {mine['p50']:6.1f}  p99 {mine['p99']:6.1f} ms   "
            f"floor p50 {least['p50']:6.1f}  p99 {least['p99']:6.1f}   at {RATE:g}/s, Coze's {THINKS:g} s taken off"
        )
