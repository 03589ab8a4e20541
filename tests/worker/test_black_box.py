"""What a worker leaves behind when it falls, whichever way: the job that it was computing, and no other."""

import os
import re
import signal
import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE, wait_until
from wecom_bot.domain.message import CorpId
from wecom_bot.worker.black_box import LeftBehind, box_of, left_in, standing_still

# A worker with jobs under way; what the first argument says happens in one more, in a chore or in a thread.
WORKER = """
from wecom_bot import startup
startup.patch_all()
from gevent import monkey
import ctypes, re, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
import gevent
from gevent.event import Event
from wecom_bot.domain.job import Lease
from wecom_bot.worker.black_box import BlackBox, caller

where, _, how = sys.argv[1].partition(": ")
box = BlackBox(Path(sys.argv[3]), timedelta(seconds=float(sys.argv[2])))

def begin(head, verb):
    lease = Lease("ww_acme", "kf/wk1/wm_客户", "token", (), 1, datetime.now(UTC), head=head)
    gevent.spawn(caller(lease), verb, lease)

def wait(_=None):
    Event().wait()

def loop():
    while True:
        pass

def in_c():
    re.match("(a+)+$", "a" * 60 + "b")

def crash():
    ctypes.string_at(0)

def deep(level=120):
    deep(level - 1) if level else loop()

def fatal(_=None):
    box.beat()
    print("begins", flush=True)
    {"loop": loop, "in C": in_c, "crash": crash, "deep": deep, "wait": wait}[how]()

gevent.get_hub().threadpool.spawn(monkey.get_original("time", "sleep"), 600)
for number in range(20):
    begin(f"bystander-{number}", wait)
gevent.sleep(0.05)
if where == "job":
    begin(sys.argv[4], fatal)
elif where == "chore":
    gevent.spawn(fatal)
else:
    gevent.get_hub().threadpool.spawn(fatal)
gevent.sleep(600)
"""
HEAD = "工人 1%-0123456789abcdef"
LONG = 600.0  # seconds: who looks after the worker is first


def watchdog_waits(pid: int) -> bool:
    """It hears no signal then. While it is being born it may be given one for the process, and shows nothing."""
    threads = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/status")]
    waiting = [re.search(r"State:\tS.*SigBlk:\s*(\w+)", each, re.DOTALL) for each in threads]
    return any(found and int(found[1], 16) >> (signal.SIGABRT - 1) & 1 for found in waiting)


def fallen(folder: Path, how: str, *signals: signal.Signals) -> LeftBehind:
    command = [sys.executable, "-c", WORKER, how, str(LONG if signals else 0.3), str(folder), HEAD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "begins\n"
        if signals:
            wait_until(lambda: watchdog_waits(process.pid))
        for each in signals:
            process.send_signal(each)
            if each == signal.SIGSTOP:
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        process.wait(PATIENCE)
    (left,) = left_in(folder)
    return left


@pytest.mark.parametrize(
    ("how", "signals"),
    [
        ("job: loop", ()),
        ("job: loop", (signal.SIGABRT,)),
        ("job: in C", ()),
        ("job: in C", (signal.SIGABRT,)),
        ("job: crash", ()),
    ],
)
def test_the_job_that_was_computing_is_named(tmp_path: Path, how: str, signals: tuple[signal.Signals, ...]) -> None:
    left = fallen(tmp_path, how, *signals)
    assert left.job == (CorpId("ww_acme"), HEAD)
    assert left.place
    assert left.place.startswith("File ")
    trace = left.box.read_bytes()
    assert not any(word in trace for word in (b"wm_", b"wk1", b"bystander"))
    left.forget()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["chore: loop", "job: deep", "thread: in C", "thread: crash"])
def test_where_no_job_is_seen_to_compute_nobody_is_accused(tmp_path: Path, how: str) -> None:
    left = fallen(tmp_path, how)
    assert left.place
    assert left.job is None


@pytest.mark.parametrize("signals", [(signal.SIGKILL,), (signal.SIGSTOP, signal.SIGABRT, signal.SIGKILL)])
@pytest.mark.parametrize("how", ["job: wait", "job: loop"])
def test_who_is_killed_accuses_nobody(tmp_path: Path, how: str, signals: tuple[signal.Signals, ...]) -> None:
    left = fallen(tmp_path, how, *signals)
    assert (left.place, left.job) == (None, None)


def test_what_a_worker_of_another_machine_writes_to_is_left_to_it(tmp_path: Path) -> None:
    box = tmp_path / f"{os.getpid()}-{'0' * 16}-{'0' * 32}.box"
    box.write_bytes(struct.pack("<d", 1.0))  # a beat, and no trace: it may live, with a lock that is not seen here
    assert list(left_in(tmp_path)) == []
    assert box.exists()
    assert standing_still(tmp_path, timedelta(0)) is None  # nor is it ours to be judged, by our clock
    assert box_of(tmp_path, os.getpid()) is None
    long_ago = box.stat().st_mtime - 3600
    os.utime(box, (long_ago, long_ago))
    (left,) = left_in(tmp_path)
    assert left.life is None
    left.forget()
    assert not box.exists()
