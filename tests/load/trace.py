"""How long the way of a warm turn of 微信客服 through the worker is: modules, calls of ours, changes of module.

`python -m tests.load.trace` prints it. Both jobs of the turn are counted, the pull and the answer with its Coze chat,
from the lease to the end of each; a change of module is a call of ours in another module than the call before it.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.e2e.house import ACME, KF
from tests.load.scene import ASIDE, scene, until
from tests.load.traced.sitecustomize import SETTING

KEYS = ("way_modules", "way_calls", "way_changes")
_COLD, _WARM = 4, 8  # turns of one customer


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.jsonl"
        path.touch()
        paths = (str(Path(__file__).parent / "traced"), os.environ.get("PYTHONPATH"))
        env = {SETTING: str(path), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        with scene(env, merge_window=0) as made:
            for number in range(_COLD + _WARM):
                made.say(KF, "u1", ASIDE)
                until(lambda number=number: _answered(path) > number)  # type: ignore[misc]
            shown = made.house.wecom.seen(ACME, KF)
            if len(shown) != _COLD + _WARM or not all("请看这里" in each.text for each in shown):
                raise RuntimeError(f"not every turn was answered as it should be: {shown[-1:]}")
        found = way([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    print(
        f"  a warm kf turn in the worker: {found['way_modules']} modules, {found['way_calls']:.0f} calls of our"
        f" functions, {found['way_changes']:.0f} changes of module"
    )
    return found


def way(jobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the jobs of many turns come to: the middle one of those that pulled, and of those that answered, in all."""
    warm = {kind: [each for each in jobs if each["kind"] == kind][_COLD:] for kind in ("pull", "answer")}
    modules = {name for each in warm.values() for name in _middle(each)["modules"]}
    counts = {key: sum(median(one[key] for one in each) for each in warm.values()) for key in ("calls", "changes")}
    return {"way_modules": len(modules), "way_calls": counts["calls"], "way_changes": counts["changes"]}


def _middle(jobs: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    ordered = sorted(jobs, key=lambda each: each["calls"])
    return ordered[len(ordered) // 2]


def _answered(path: Path) -> int:
    return path.read_text(encoding="utf-8").count('"kind": "answer"')


if __name__ == "__main__":
    measure()
