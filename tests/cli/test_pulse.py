"""Workers that have stopped, or never begun, are ended; those that go on are not."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.deadlines import wait_until
from wecom_bot.cli.children import Process
from wecom_bot.cli.pulse import Pulse

# Beats as often as it is told to, with SIGABRT left to do what it does.
WORKER = """
import sys, time
from datetime import timedelta
from pathlib import Path
from wecom_bot.worker.black_box import BlackBox
folder, beats = Path(sys.argv[1]), int(sys.argv[2])
box = BlackBox(folder, timedelta(hours=1)) if beats else None
while True:
    if beats:
        box.beat()
        beats -= 1
    time.sleep(0.01)
"""
LIMIT = timedelta(seconds=0.5)

Start = Callable[[int], Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    made: list[Process] = []

    def launch(beats: int) -> Process:
        made.append(
            Process(f"worker-{beats}", (sys.executable, "-c", WORKER, str(tmp_path), str(beats)), {**os.environ})
        )
        made[-1].launch()
        return made[-1]

    yield launch
    for each in made:
        each.kill()
        wait_until(partial(_has_ended, each))


def _has_ended(worker: Process) -> bool:
    return worker.poll() is not None


@pytest.mark.parametrize("beats", [0, 3], ids=["never begun", "stopped"])
def test_who_does_not_beat_is_ended(start: Start, tmp_path: Path, beats: int) -> None:
    worker = start(beats)
    pulse = Pulse([worker], tmp_path, LIMIT)
    wait_until(lambda: pulse.look() and worker.poll() is not None)
    # a machine that has much to do may not let it die of the first within two looks
    assert worker.poll() in {-signal.SIGABRT, -signal.SIGKILL}


def test_who_has_not_begun_has_longer(start: Start, tmp_path: Path) -> None:
    late, stopped = start(0), start(3)
    pulse = Pulse([late, stopped], tmp_path, LIMIT)
    wait_until(lambda: pulse.look() and stopped.poll() is not None)
    assert late.poll() is None
