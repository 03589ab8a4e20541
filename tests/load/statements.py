"""SQL statements of a warm turn of 微信客服, counted in all our processes (`counted/sitecustomize.py`).

Played like the round trips to Redis (`trips.py`): turns one after the other, and what the processes ask by themselves
(revisions of tenants and articles, open requests) taken off by the time. The ledger is made an hour old, as all but a
new one are: before that the record is asked of every message whether it was answered.
"""

import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from tests.e2e.house import ACME, KF
from tests.load.scene import ASIDE, Scene, paced, scene

KEYS = ("sql_statements", "sql_statements_by_kind", "sql_statements_idle_per_s")
TURNS, CUSTOMERS, RATE = 45, 15, 3.0
_IDLE = 10.0  # seconds
_CLOSES = 2.0  # seconds after a reply in which its turn is closed and recorded
_COUNTED = Path(__file__).parent / "counted"
_TABLE = re.compile(r"(?:INTO|UPDATE|FROM) `?(\w+)", re.IGNORECASE)


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    with tempfile.TemporaryDirectory() as name:
        notes = Path(name) / "statements"
        paths = os.pathsep.join(filter(None, (str(_COUNTED), os.environ.get("PYTHONPATH"))))
        with scene({"PYTHONPATH": paths, "STATEMENTS": str(notes)}, merge_window=0) as made:
            paced(RATE, CUSTOMERS, lambda number: _turn(made, number))
            _grow_old(made)
            time.sleep(_CLOSES)
            idle, idled = _counted(notes, lambda: time.sleep(_IDLE - _CLOSES))
            counted, took = _counted(notes, lambda: paced(RATE, TURNS, lambda number: _turn(made, number)))
    by_kind = {each: (counted[each] - idle[each] * took / idled) / TURNS for each in counted}
    statements, of_themselves = sum(by_kind.values()), idle.total() / idled
    parts = ", ".join(f"{each} {count:.2f}" for each, count in sorted(by_kind.items(), key=lambda it: -it[1]))
    print(f"  {statements:.1f} SQL statements a kf turn; the floor has none   ({parts})")
    print(f"  {of_themselves:.1f} a second while nothing is said, taken off")
    return {
        "sql_statements": statements,
        "sql_statements_by_kind": by_kind,
        "sql_statements_idle_per_s": of_themselves,
    }


def _turn(made: Scene, number: int) -> None:
    wecom = made.house.wecom
    last = max((each.seq for each in wecom.seen(ACME, KF)), default=0)
    made.say(KF, f"c{number % CUSTOMERS}", ASIDE)
    wecom.wait_seen(ACME, KF, after=last)


def _grow_old(made: Scene) -> None:
    socket = made.house.folder / "data" / "valkey" / "valkey.sock"
    with redis.Redis(unix_socket_path=str(socket)) as client:
        client.set(f"wb:{{{ACME}}}:born", int((time.time() - 3600) * 1000))


def _counted(notes: Path, act: Callable[[], object]) -> tuple[Counter[str], float]:
    """The statements of what is done, by their verb and table, and the seconds it took."""
    before, began = len(notes.read_text().splitlines()), time.monotonic()
    act()
    time.sleep(_CLOSES)
    took = time.monotonic() - began
    return Counter(map(_kind, notes.read_text().splitlines()[before:])), took


def _kind(statement: str) -> str:
    table = _TABLE.search(statement)
    return f"{statement.partition(' ')[0]} {table[1] if table else ''}".strip()


if __name__ == "__main__":
    measure()
