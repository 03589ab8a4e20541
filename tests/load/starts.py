"""How long `serve` takes to start, what it holds at rest, and how soon it is back after a kill of everything."""

import shutil
import tempfile
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.e2e.house import ACME, APP, KF, House
from tests.load import tree
from tests.load.gateways import gateway
from tests.load.scene import ASIDE, Scene, scene, until

KEYS = ("cold_start_s", "first_start_s", "noop_start_s", "pss_mb", "noop_pss_mb", "recovery_s", "recovery_ready_s")
STARTS = 3
UNDER_WAY = 20
_THINKS = 4.5  # seconds; less than Coze is waited for, and enough to be killed in
_REST = 5.0  # seconds after the last word
_DEFAULTS = {"WECOM_BOT_GATEWAY_PROCESSES": "2"}


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    found = _noop()
    with scene(_DEFAULTS, merge_window=0) as made:
        found |= _at_rest(made) | _recovery(made) | _starts(made.house)
    print(f"  {found['pss_mb']:.0f} MB (Pss) at rest; one bare gateway {found['noop_pss_mb']:.0f} MB")
    print(
        f"  {found['cold_start_s']:.2f} s from start to ready, {found['first_start_s']:.2f} s on an empty folder;"
        f" a bare gateway {found['noop_start_s']:.2f} s"
    )
    print(
        f"  {found['recovery_s']:.1f} s from the start after kill -9 of everything until the last of {UNDER_WAY} turns"
        f" under way was answered; ready after {found['recovery_ready_s']:.1f} s"
    )
    return found


def _noop() -> dict[str, float]:
    took = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with (
            tempfile.TemporaryDirectory() as folder,
            gateway("tests.load.noop:create()", {"WECOM_BOT_DATA": folder}) as (
                _,
                root,
            ),
        ):
            took.append(time.perf_counter() - began)
            held = tree.pss_megabytes(tree.below(root))
    return {"noop_start_s": median(took), "noop_pss_mb": held}


def _at_rest(made: Scene) -> dict[str, float]:
    for account in (KF, APP):
        made.say(account, "first", ASIDE)
        made.house.wecom.wait_seen(ACME, account, "first")
    time.sleep(_REST)
    assert made.house.process is not None
    return {"pss_mb": tree.pss_megabytes(tree.below(made.house.process.pid))}


def _recovery(made: Scene) -> dict[str, float]:
    """All is killed while Coze thinks about every one of them, and started again; Coze is quick then."""
    wecom, before = made.house.wecom, made.chats()
    made.thinks(_THINKS)
    everybody = [(account, f"u{number}") for number in range(UNDER_WAY // 2) for account in (KF, APP)]
    for account, customer in everybody:
        made.say(account, customer, ASIDE)
    until(lambda: made.chats() - before >= UNDER_WAY)
    assert made.house.process is not None
    pids = tree.below(made.house.process.pid)
    made.house.kill("")
    made.house.process.wait()
    until(lambda: not any(tree.lives(pid) for pid in pids))
    if any(each.customer.startswith("u") for each in wecom.seen(ACME)):
        raise RuntimeError("an answer had come before all were killed")
    made.thinks(0)
    began, clock = datetime.now(UTC), time.perf_counter()
    made.house.start()
    ready = time.perf_counter() - clock
    last = [max(each.at for each in wecom.wait_seen(ACME, account, customer)) for account, customer in everybody]
    return {"recovery_s": (max(last) - began).total_seconds(), "recovery_ready_s": ready}


def _starts(house: House) -> dict[str, float]:
    took = [_restarted(house) for _ in range(STARTS)]
    house.stop()
    shutil.rmtree(house.folder / "data")
    began = time.perf_counter()
    house.start("--tenants", str(house.folder / "tenants.toml"))
    return {"cold_start_s": median(took), "first_start_s": time.perf_counter() - began}


def _restarted(house: House) -> float:
    house.stop()
    began = time.perf_counter()
    house.start()
    return time.perf_counter() - began
