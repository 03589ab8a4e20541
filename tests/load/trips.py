"""Redis round trips of a warm turn of 微信客服, counted between our processes and Valkey.

Turns are one after the other. What the processes ask by themselves (naps, heartbeats, sweeps) is measured while nothing
is said, and taken off by the time.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.house import ACME, KF
from tests.load.counting_proxy import CountingProxy
from tests.load.scene import ASIDE, paced, scene
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.embedded import EmbeddedValkey

KEYS = ("redis_trips", "redis_trips_by_command", "redis_trips_idle_per_s")
TURNS, CUSTOMERS, RATE = 60, 20, 3.0
_IDLE = 15.0  # seconds
_CLOSES = 1.5  # seconds after a reply in which its turn is closed and recorded


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    with tempfile.TemporaryDirectory() as name, EmbeddedValkey(Path(name) / "valkey"):
        server = sockets.path(Path(name) / "valkey")
        with (
            CountingProxy(Path(name) / "proxy.sock", server) as proxy,
            scene({"WECOM_BOT_REDIS_URL": proxy.url}, merge_window=0) as made,
        ):
            wecom = made.house.wecom

            def turn(number: int) -> None:
                last = max((each.seq for each in wecom.seen(ACME, KF)), default=0)
                made.say(KF, f"c{number % CUSTOMERS}", ASIDE)
                wecom.wait_seen(ACME, KF, after=last)

            paced(RATE, CUSTOMERS, turn)
            time.sleep(_CLOSES)
            idle, idled = _counted(proxy, lambda: time.sleep(_IDLE - _CLOSES))
            counted, took = _counted(proxy, lambda: paced(RATE, TURNS, turn))
    by_command = {each: (counted[each] - idle[each] * took / idled) / TURNS for each in counted}
    trips, of_themselves = sum(by_command.values()), idle.total() / idled
    parts = ", ".join(f"{each or '?'} {count:.1f}" for each, count in sorted(by_command.items(), key=lambda it: -it[1]))
    print(f"  {trips:.1f} Redis round trips a kf turn; the floor has none   ({parts})")
    print(f"  {of_themselves:.1f} a second while nothing is said, taken off")
    return {
        "redis_trips": trips,
        "redis_trips_by_command": by_command,
        "redis_trips_idle_per_s": of_themselves,
    }


def _counted(proxy: CountingProxy, act: Callable[[], object]) -> tuple[Counter[str], float]:
    """The trips of what is done, and the seconds it took."""
    before, began = proxy.so_far(), time.monotonic()
    act()
    time.sleep(_CLOSES)
    took = time.monotonic() - began
    return proxy.so_far() - before, took
