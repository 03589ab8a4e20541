import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.ports import free_port
from wecom_bot.telemetry import exposition

# A worker process that says who it is; what is missing is what stands in a file.
WORKER = """
import os, sys
from wecom_bot import startup
startup.patch_all()
import gevent
from datetime import timedelta
from pathlib import Path
from prometheus_client import Counter
from wecom_bot.telemetry import logs
from wecom_bot.worker import black_box
from wecom_bot.worker.health import HealthPort

logs.configure("json", "info")
Counter("done_total", "Done").inc()
Counter("pid_total", "Of this process", ["pid"]).labels(os.getpid()).inc()
folder = Path(sys.argv[2]).parent
box = black_box.BlackBox(folder / "workers", timedelta(seconds=600))
box.beat()
HealthPort(
    "127.0.0.1", int(sys.argv[1]), lambda: Path(sys.argv[2]).read_text().split(), again=timedelta(milliseconds=50),
    facts=lambda: {"down": ["sql"]},
    still=lambda: black_box.standing_still(folder / "workers", timedelta(seconds=1)), patience=timedelta(seconds=1),
).start()
print("started", flush=True)
while True:
    gevent.sleep(0.1)
    box.beat()
    while (folder / f"stall-{os.getpid()}").exists():
        pass
"""


class Workers:
    """Processes that share a port."""

    def __init__(self, folder: Path, leaving: ExitStack) -> None:
        self.port = free_port()
        self.missing = folder / "missing"
        self.missing.write_text("")
        self._metrics = folder / "metrics"
        self._metrics.mkdir()
        self._leaving = leaving
        self.folder = folder

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, str(self.port), str(self.missing)]
        environment = {**os.environ, exposition.FOLDER_VARIABLE: str(self._metrics)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self._leaving.enter_context(process)
        self._leaving.callback(process.kill)
        assert process.stdout
        assert process.stdout.readline() == "started\n"
        return process

    def get(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    with ExitStack() as leaving:
        yield Workers(tmp_path, leaving)


def test_it_tells_whether_the_workers_live_and_what_they_miss(workers: Workers) -> None:
    workers.start()
    wait_until(lambda: workers.get("/livez") == (200, b"ok"))
    status, body = workers.get("/readyz")
    assert (status, json.loads(body)) == (200, {"missing": [], "down": ["sql"]})
    workers.missing.write_text("redis")
    status, body = workers.get("/readyz")
    assert (status, json.loads(body)) == (503, {"missing": ["redis"], "down": ["sql"]})
    assert workers.get("/other")[0] == 404


def test_one_answers_for_all_and_another_takes_over_when_it_dies(workers: Workers) -> None:
    first, second = workers.start(), workers.start()
    wait_until(lambda: workers.get("/livez")[0] == 200)
    assert b"done_total 2.0" in workers.get("/metrics")[1]
    for process in (first, second):
        others = 1 if process is first else 0
        process.send_signal(signal.SIGKILL)
        process.wait()
        if others:
            wait_until(lambda: workers.get("/livez")[0] == 200)
            assert b"done_total 2.0" in workers.get("/metrics")[1]  # what the dead one did is done
    assert workers.get("/livez")[0] == 0


def test_who_stands_still_says_so_and_lives_again_when_it_goes_on(workers: Workers) -> None:
    process = workers.start()
    wait_until(lambda: workers.get("/livez")[0] == 200)
    stall = workers.folder / f"stall-{process.pid}"
    stall.touch()
    wait_until(lambda: workers.get("/livez")[0] == 503)
    assert json.loads(workers.get("/livez")[1])["still"] >= 1
    stall.unlink()
    wait_until(lambda: workers.get("/livez") == (200, b"ok"))


def test_who_answers_for_all_tells_that_another_stands_still(workers: Workers) -> None:
    workers.start()
    wait_until(lambda: workers.get("/livez")[0] == 200)
    other = workers.start()
    other.send_signal(signal.SIGSTOP)
    wait_until(lambda: workers.get("/livez")[0] == 503)
    other.kill()
    other.wait()
    wait_until(lambda: workers.get("/livez") == (200, b"ok"))
