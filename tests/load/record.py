"""What `make bench` writes down: the figures by name, where and when they were taken, and which section failed."""

import json
import os
import platform
import subprocess
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import Any

from tests.load.figures import rounded

ABOUT = ("date", "commit", "python", "cores", "cpu", "load")


@dataclass(frozen=True)
class Section:
    """A part of the bench: the names of its figures, what takes them, and how many seconds that may last."""

    name: str
    keys: tuple[str, ...]
    measure: Callable[[], Mapping[str, Any]]
    budget: float


@dataclass
class Record:
    """The figures so far. A section that failed is named, and its figures are not there."""

    figures: dict[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=lambda: about())  # noqa: PLW0108 - it is defined below
    took_s: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def take(self, section: Section) -> None:
        """Measure the section, whatever comes of it, and say how long it took."""
        print(f"{section.name}", flush=True)
        began = monotonic()
        try:
            found = section.measure()
            if missing := [key for key in section.keys if _empty(found.get(key))]:
                raise ValueError(f"no figures for {', '.join(missing)}")  # noqa: TRY301 - as any other failure
        except Exception as e:  # noqa: BLE001 - the other sections can still be measured, and this one is told
            traceback.print_exc()
            self.failed[section.name] = f"{type(e).__name__}: {' '.join(str(e).strip().splitlines()[-1:])}"
            print(f"  FAILED: {self.failed[section.name]}")
        else:
            self.figures |= {key: found[key] for key in section.keys}
        took = self.took_s[section.name] = monotonic() - began
        late = f", which is OVER its budget of {section.budget:g} s" if took > section.budget else ""
        print(f"  took {took:.0f} s{late}", flush=True)

    def written(self) -> str:
        """All of it as JSON."""
        whole = {**self.about, **self.figures} | {"took_s": self.took_s, "failed": self.failed}
        return json.dumps(rounded(whole), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def about() -> dict[str, Any]:
    """Where, when and on what."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "load": os.getloadavg()[0],  # of the minute before: what else the machine does
    }


def _empty(value: object) -> bool:
    """Whether there is no figure, or one is missing in what should hold some."""
    if isinstance(value, Mapping):
        return not value or any(_empty(inner) for inner in value.values())
    return value is None or (isinstance(value, float) and not isfinite(value))


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
