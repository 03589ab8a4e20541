import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.processes import BY_THE_PARENT, alive, as_from_a_terminal, as_under_nohup
from wecom_bot.cli.supervisor import Restarts
from wecom_bot.outbound.backoff import Backoff

# A supervisor over children that write down what happens to them: NAME PID EVENT, one line each.
SUPERVISOR = """
import sys
from datetime import timedelta
from pathlib import Path
from wecom_bot.cli.children import Group, Process
from wecom_bot.cli.supervisor import Supervisor
from wecom_bot.telemetry import logs

logs.configure("json", "info")

CHILD = '''
import os, signal, sys, time
from pathlib import Path
name, journal, how = sys.argv[1:]
def note(event):
    with open(journal, "a") as file:
        file.write(f"{name} {os.getpid()} {event}\\\\n")
def asked(*_):
    note("asked")
    if how == "stubborn":
        return
    if how == "slow":
        time.sleep(0.3)
    note("ended")
    os._exit(3 if how == "failing" else 0)
signal.signal(signal.SIGTERM, asked)
if how == "broken":
    while not os.path.exists(journal) or " started" not in Path(journal).read_text():
        time.sleep(0.01)
    sys.exit(7)
note("started")
while True:
    time.sleep(60)
'''

def child(spec):
    name, how = spec.split(":")
    return Process(name, (sys.executable, "-c", CHILD, name, sys.argv[1], how), {})

def all_started():
    journal = Path(sys.argv[1])
    return journal.exists() and journal.read_text().count(" started") == sum(len(g.children) for g in groups)

def group(words):
    # only the stubborn are meant to run out of it
    grace = int(sys.argv[2]) if "stubborn" in words else 60
    return Group([child(spec) for spec in words.split("+")], timedelta(seconds=grace))

groups = [group(words) for words in sys.argv[3:]]
supervisor = Supervisor(groups, all_started, lambda: print("ready", flush=True))
code = supervisor.run()
print(supervisor.failure, flush=True)
sys.exit(code)
"""


class Supervised:
    """A running supervisor and the journal of its children."""

    def __init__(self, process: subprocess.Popen[str], journal: Path) -> None:
        self.process = process
        self._journal = journal

    def events(self) -> list[tuple[str, int, str]]:
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        return [(name, int(pid), event) for name, pid, event in (line.split() for line in lines)]

    def order(self) -> list[str]:
        return [f"{name} {event}" for name, _, event in self.events()]

    def pid(self, name: str) -> int:
        return [pid for who, pid, event in self.events() if who == name and event == "started"][-1]

    def ready(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"

    def ends_with(self) -> int:
        return self.process.wait(PATIENCE)


@contextmanager
def supervised(
    tmp_path: Path, *groups: str, grace: int = 15, parent: Callable[[], None] = as_from_a_terminal
) -> Iterator[Supervised]:
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path / "journal"), str(grace), *groups]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=parent,  # noqa: PLW1509 - it only sets signals
    ) as process:
        try:
            yield Supervised(process, tmp_path / "journal")
        finally:
            process.kill()


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_groups_start_in_order_and_stop_in_the_opposite_order(tmp_path: Path, ask: signal.Signals) -> None:
    with supervised(tmp_path, "store:good", "worker:slow", "gateway:slow") as running:
        running.ready()
        running.process.send_signal(ask)
        assert running.ends_with() == 0
        assert running.order()[3:] == [
            *("gateway asked", "gateway ended"),
            *("worker asked", "worker ended"),
            *("store asked", "store ended"),
        ]


def test_what_its_parent_ignores_ends_nothing_and_sigterm_always_does(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:good", "gateway:good", parent=as_under_nohup) as running:
        running.ready()
        for ignored in BY_THE_PARENT:
            running.process.send_signal(ignored)
        killed = running.pid("gateway")
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: running.pid("gateway") != killed)  # so it goes on
        assert "store asked" not in running.order()
        running.process.terminate()
        assert running.ends_with() == 0
        assert running.order()[-1] == "store ended"


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:good", "one:good+two:good") as running:
        running.ready()
        for name in ("one", "store"):
            killed = running.pid(name)
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda name=name, killed=killed: running.pid(name) != killed)  # type: ignore[misc]
        assert running.order().count("two started") == 1
        running.process.terminate()
        assert running.ends_with() == 0


def test_what_dies_again_and_again_is_started_ever_more_rarely_until_it_is_calm() -> None:
    restarts = Restarts(Backoff(timedelta(seconds=0.5), timedelta(seconds=8), jitter=0), calm=60.0)
    assert [restarts.after(ran=1.0) for _ in range(7)] == [0, 0.5, 1, 2, 4, 8, 8]
    assert [restarts.after(ran=61.0), restarts.after(ran=1.0)] == [0, 0.5]


def test_what_cannot_start_stops_all_and_is_named(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:good", "gateway:broken") as running:
        assert running.ends_with() == 1
        assert running.process.stdout
        assert running.process.stdout.read() == "{'process': 'gateway', 'status': 'exit 7'}\n"
        assert not alive(running.pid("store"))


def test_who_does_not_end_within_the_grace_is_killed_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:good", "worker:stubborn", grace=1) as running:
        running.ready()
        running.process.terminate()
        assert running.ends_with() == 1
        assert not alive(running.pid("worker"))
        assert running.order()[-1] == "store ended"


def test_who_fails_while_stopping_fails_the_whole(tmp_path: Path) -> None:
    with supervised(tmp_path, "worker:failing") as running:
        running.ready()
        running.process.terminate()
        assert running.ends_with() == 1


def test_asked_twice_it_does_not_wait_for_anybody(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:stubborn", "worker:stubborn", "gateway:stubborn", grace=60) as running:
        running.ready()
        running.process.send_signal(signal.SIGINT)
        wait_until(lambda: running.order()[-1] == "gateway asked")
        running.process.send_signal(signal.SIGINT)
        assert running.ends_with() == 1
        assert not any(alive(running.pid(name)) for name in ("store", "worker", "gateway"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends orphans")
def test_nobody_survives_a_kill_9_of_the_supervisor(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:good", "worker:stubborn", "gateway:slow") as running:
        running.ready()
        running.process.kill()
        wait_until(lambda: not any(alive(running.pid(name)) for name in ("store", "worker", "gateway")))


def test_ctrl_c_in_the_terminal_reaches_only_the_supervisor(tmp_path: Path) -> None:
    with supervised(tmp_path, "store:good", "gateway:good") as running:
        running.ready()
        groups = {os.getpgid(running.pid(name)) for name in ("store", "gateway")}
        assert os.getpgid(running.process.pid) not in groups
