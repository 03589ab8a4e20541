"""The whole bot under `wecom-bot serve`, as an operator starts, hurts and stops it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.ports import free_port
from tests.fixtures.processes import alive

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")]


class Bot:
    """A running `serve`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self._folder = folder
        self.port = 0

    def ready(self) -> None:
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.search(r"ready: http://127\.0\.0\.1:(\d+)", line)
        assert found, line + self.log()
        self.port = int(found[1])

    def log(self) -> str:
        return (self._folder / "log").read_text()

    def get(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def children(self) -> dict[int, str]:
        """All descendants, by pid, and their command lines."""
        found: dict[int, str] = {}
        parents = {self.process.pid}
        while parents:
            parents = {child for pid in parents for child in map(int, read(f"{pid}/task/{pid}/children").split())}
            found |= {pid: read(f"{pid}/cmdline").replace("\0", " ") for pid in parents}
        return found

    def pid(self, word: str) -> int:
        """The oldest process whose command line has that word; 0 while there is none."""
        return min((pid for pid, command in self.children().items() if word in command), default=0)


def read(path: str) -> str:
    """What stands in /proc about a process; nothing of one that has ended meanwhile."""
    try:
        return (Path("/proc") / path).read_text()
    except OSError:
        return ""


@contextmanager
def serving(
    tmp_path: Path, *arguments: str, settings: Mapping[str, str] | None = None, deaf: bool = False
) -> Iterator[Bot]:
    """`deaf` is whether it is started by somebody who ignores the ends of children."""
    worker_port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WECOM_BOT_")},
        "PYTHONPATH": str(ROOT),
        "WECOM_BOT_WORKER_PORT": str(worker_port),
        "WECOM_BOT_GATEWAY_PROCESSES": "1",
        **(settings or {}),
    }
    command = [sys.executable, "-m", "wecom_bot", "serve", "--port", "0", "--data", "data", *arguments]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=log, text=True,
            preexec_fn=partial(signal.signal, signal.SIGCHLD, signal.SIG_IGN if deaf else signal.SIG_DFL),  # noqa: PLW1509 - it makes one system call
        )  # fmt: skip
    with process:
        try:
            yield Bot(process, tmp_path)
        finally:
            process.kill()


def test_whatever_dies_comes_back_and_at_the_end_nothing_is_left(tmp_path: Path) -> None:
    with serving(tmp_path, deaf=True) as bot:
        bot.ready()
        assert bot.get("/readyz") == 200
        forks = bot.pid("fork-server")
        assert len(list(Path(f"/proc/{forks}/task").iterdir())) == 1, "a thread is not forked"
        os.kill(forks, signal.SIGKILL)  # it comes back when it is needed
        gateway = max(pid for pid, command in bot.children().items() if "gunicorn" in command)
        for word in ("valkey-server", "wecom_bot worker", gateway, "gunicorn"):
            killed = word if isinstance(word, int) else bot.pid(word)
            known = set(bot.children())
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda known=known: set(bot.children()) - known)  # type: ignore[misc]
            wait_until(lambda: bot.get("/readyz") == 200)
        assert bot.pid("fork-server") not in {0, forks}
        children = bot.children()
        bot.process.terminate()
        assert bot.process.wait(PATIENCE) == 0, bot.log()
        assert not any(alive(pid) for pid in children)
    left = {path.name for path in (tmp_path / "data").rglob("*")}
    assert not {name for name in left if name.endswith((".sock", ".pid"))}


def test_the_door_stays_open_while_the_gateway_restarts(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        bot.ready()
        for pid, command in bot.children().items():
            if "gunicorn" in command:  # one that lives a moment longer would take the connection along
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        assert bot.get("/livez") == 200  # it waited; it was not refused


def test_a_kill_9_leaves_no_process_behind_and_the_next_start_is_as_good_as_any(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        bot.ready()
        children = bot.children()
        assert len(children) >= 4  # valkey, worker, gunicorn and its process
        bot.process.kill()
        wait_until(lambda: not any(alive(pid) for pid in children))
    with serving(tmp_path) as bot:
        bot.ready()
        assert bot.get("/readyz") == 200


def test_a_second_one_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        bot.ready()
        (tmp_path / "second").mkdir()
        with serving(tmp_path / "second", "--data", str(tmp_path / "data")) as second:
            assert second.process.wait(PATIENCE) == 2
            assert f"WECOM_BOT_DATA: 另一个进程正在用 {tmp_path / 'data'}" in second.log()
        assert bot.get("/readyz") == 200


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with serving(tmp_path, "--port", str(port)) as bot:
            assert bot.process.wait(PATIENCE) == 2
            assert f"WECOM_BOT_PORT: 127.0.0.1:{port}" in bot.log()


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, settings={"WECOM_BOT_CONCURENCY": "8"}) as bot:
        assert bot.process.wait(PATIENCE) == 2
        assert "WECOM_BOT_CONCURENCY is not a setting" in bot.log()


def test_without_its_redis_it_does_not_start_and_says_why(tmp_path: Path) -> None:
    with serving(tmp_path, settings={"WECOM_BOT_REDIS_URL": "redis://127.0.0.1:1/0"}) as bot:
        assert bot.process.wait(PATIENCE) == 1
        assert "启动失败" in bot.log()
        assert "WECOM_BOT_REDIS_URL: Redis 连不上" in bot.log()


def test_tenants_are_there_from_the_first_callback_on(tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text("not = [toml")
    with serving(tmp_path, "--tenants", str(file)) as bot:
        assert bot.process.wait(PATIENCE) == 2
        assert "tenants.toml" in bot.log()


@pytest.mark.parametrize("command", ["worker", "gateway"])
def test_the_parts_alone_need_a_redis_and_say_so(tmp_path: Path, command: str) -> None:
    starts = {"worker": ["wecom_bot", "worker"], "gateway": ["gunicorn", "-c", str(ROOT / "deploy/gunicorn.conf.py")]}
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "WECOM_BOT_PORT": str(free_port()),
        "WECOM_BOT_GATEWAY_PROCESSES": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", *starts[command]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode != 0
    assert "WECOM_BOT_REDIS_URL" in done.stderr
    assert "wecom-bot serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_of_a_start_is_json_throughout(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        bot.ready()
        bot.process.terminate()
        bot.process.wait(PATIENCE)
        events = [json.loads(line)["event"] for line in bot.log().splitlines()]
    assert events.index("serve.ready") < events.index("supervisor.stopping")
