"""The bot as it stands in production: gateways and workers apart, nginx in front, Redis and MariaDB behind.

Each process has the command line of its systemd unit, a port and a data folder of its own, and can be restarted alone.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.deadlines import PATIENCE
from tests.e2e.house import House
from tests.fixtures.front_proxy import LIST_OF_ONE, FrontProxy, nginx_program
from tests.fixtures.ports import free_ports
from tests.fixtures.redis_servers import redis_server_binary, start_server
from tests.fixtures.sql_servers import mariadb
from wecom_bot import processes

_ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
_MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
_TIMES = (
    "proxy_connect_timeout 1s",
    "proxy_send_timeout 2s",
    "proxy_read_timeout 2s",
    "proxy_next_upstream_timeout 3s",
)
_USUAL = 5.0
"""Seconds that WeCom waits."""


@dataclass
class Part:
    """One process of the bot, which can be stopped and started again."""

    name: str
    command: tuple[str, ...]
    port: int
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it would take work."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env={**self.environment}, cwd=self.log.parent, stdout=log, stderr=log,
                preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
            )  # fmt: skip
        self.wait_ready()

    def wait_ready(self) -> None:
        """Return when /readyz says so."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}; see {self.log}"
            try:
                answer = requests.get(
                    f"http://127.0.0.1:{self.port}/readyz", headers={"Connection": "close"}, timeout=1
                )
                if answer.status_code == requests.codes.ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)  # to look again; nobody would tell us
        raise AssertionError(f"{self.name} was not ready in {PATIENCE:g} s; see {self.log}")

    def stop(self) -> float:
        """SIGTERM, as systemd sends it; how many seconds it took to end, which it has to do by itself and well."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        assert code == 0, f"{self.name} ended with {code}; see {self.log}"
        return time.monotonic() - began

    def restart(self) -> float:
        """Stop it and start it again; how long the stop took."""
        took = self.stop()
        self.start()
        return took


@dataclass
class Spread(House):
    """A house whose bot is spread over processes of their own; `port` is nginx's; WeCom waits `patience`."""

    gateways: list[Part] = field(default_factory=list)
    workers: list[Part] = field(default_factory=list)
    count: int = 2
    patience: float = _USUAL
    _leaving: ExitStack = field(default_factory=ExitStack)

    def open(self) -> "Spread":
        self.open_stores()
        super().open()
        return self

    @property
    def parts(self) -> list[Part]:
        return [*self.gateways, *self.workers]

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"

    def start(self, *arguments: str) -> None:
        """The bot's processes one after the other, and nginx; `arguments` are those of `serve`."""
        self.run("migrate")
        for flag, value in zip(arguments[::2], arguments[1::2], strict=True):
            assert flag == "--tenants", flag
            self.run("tenants", "import", value)
        ports = free_ports(2 * self.count)
        gunicorn = (str(_BIN / "gunicorn"), "-c", str(_ROOT / "deploy" / "gunicorn.conf.py"), "wecom_bot.wsgi:create()")
        self.gateways = [self._part("gateway", "PORT", port, gunicorn) for port in ports[: self.count]]
        command = (str(_BIN / "wecom-bot"), "worker")
        self.workers = [self._part("worker", "WORKER_PORT", port, command) for port in ports[self.count :]]
        for part in self.parts:
            part.start()
        self._nginx([part.port for part in self.gateways])

    def _part(self, kind: str, setting: str, port: int, command: tuple[str, ...]) -> Part:
        name = f"{kind}-{port}"
        own = {f"WECOM_BOT_{setting}": str(port), "WECOM_BOT_DATA": str(self.folder / name)}
        return Part(name, command, port, self.environment() | own, self.log)

    def open_stores(self) -> None:
        """An empty Redis and an empty MariaDB, and the settings that lead to them."""
        folder = Path(self._leaving.enter_context(tempfile.TemporaryDirectory(prefix="wb-redis-")))
        options = ("--port", "0", "--unixsocket", str(folder / "redis.sock"), "--appendonly", "yes")
        redis = start_server(redis_server_binary(), folder, (*options, "--appendfsync", "always"))
        self._leaving.callback(redis.wait, PATIENCE)
        self._leaving.callback(redis.kill)
        self.env |= {
            "WECOM_BOT_REDIS_URL": f"unix://{folder / 'redis.sock'}",
            "WECOM_BOT_DATABASE_URL": self._leaving.enter_context(mariadb("wecom_bot")),
            "WECOM_BOT_MASTER_KEY": _MASTER_KEY,
            "WECOM_BOT_LEASE": "15",
        }

    def lose(self) -> None:
        """All of it is gone at once: the bot's processes, then all that was kept anywhere."""
        for part in self.parts:
            assert part.process is not None
            part.process.kill()
        for part in self.parts:
            assert part.process is not None
            part.process.wait(PATIENCE)
            shutil.rmtree(self.folder / part.name, ignore_errors=True)
        self._leaving.close()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def _nginx(self, ports: list[int]) -> None:
        """As it is shipped, without TLS, which the simulated WeCom does not speak; patient, where WeCom is."""
        nginx_program()
        folder = Path(tempfile.mkdtemp(prefix="front-", dir=self.folder))
        front = FrontProxy(folder, ports, gray=free_ports(1)[0], port=self.port)
        listen = f"listen 127.0.0.1:{self.port} "
        longer = _TIMES if self.patience > _USUAL else ()
        front.furnish(
            (f"{listen}ssl ", listen), *((f"{each};", f"{each.split()[0]} {self.patience:g}s;") for each in longer)
        )
        front.write("callers.conf", LIST_OF_ONE)  # who says more than 100 messages a second here is WeCom
        front.start()
        self._leaving.callback(front.stop)

    def wait_ready(self) -> None:
        for part in self.parts:
            part.wait_ready()

    def close(self) -> None:
        for part in reversed(self.parts):
            if part.process is not None and part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        for part in self.parts:
            if part.process is not None:
                part.process.wait(PATIENCE)
        self._leaving.close()
        self.simulator.stop()
