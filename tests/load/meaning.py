"""What search by meaning adds to a turn: the same questions, no two alike, with the model and without.

Each turn recognises no intent, finds no sure article and is worded by Coze, so every ranking is made. Nothing is
measured where no model is (`make model`).
"""

from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from tests.e2e.house import APP
from tests.load import sides
from tests.load.scene import ASIDE, scene
from tests.load.sides import Kind
from tests.load.turns import INTENT
from wecom_bot.adapters.search import model

KEYS = ("meaning_cpu_ms",)
MODEL = Path(__file__).parents[2] / "data" / "model"
ROUNDS, CUSTOMERS, RATE = 3, 80, 20.0
_CALM = 0.2  # CPU seconds a second, below which nothing is embedded any more


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    if model.missing(MODEL):
        print("  not measured: there is no model (make model)")
        return {"meaning_cpu_ms": {}}
    found = {"lexical": _cpu({}), "hybrid": _cpu({"WECOM_BOT_EMBEDDING_MODEL": str(MODEL)})}
    extra = found["hybrid"] - found["lexical"]
    both = ", ".join(f"{name} {each:.2f}" for name, each in found.items())
    print(f"  {both} ms of CPU a turn: {extra:.2f} more   at {RATE:g}/s")
    return {"meaning_cpu_ms": found}


def _cpu(env: dict[str, str]) -> float:
    """Milliseconds of a turn, the median of some rounds."""
    numbers = count()
    kind = Kind(APP, lambda _: f"{ASIDE}，第{next(numbers)}次问", "请看这里", 1)
    with scene({"WECOM_BOT_LOG_LEVEL": "warning", **env}, merge_window=0, intents=[INTENT]) as made:
        ours = sides.ours(made)
        ours.round(kind, CUSTOMERS, RATE, {})  # everybody has written before
        while sum((idle := ours.idle()).values()) > _CALM:
            pass
        return median(ours.round(kind, CUSTOMERS, RATE, idle).all_cpu for _ in range(ROUNDS))
