"""Starts a gateway alone: gunicorn, with our settings and one process, on any app."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.e2e.house import House
from tests.fixtures.ports import free_port
from wecom_bot.adapters.redis import sockets

_CONF = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"
_PATIENCE = 60.0


@contextmanager
def gateway(app: str, env: Mapping[str, str], port: int | None = None) -> Iterator[tuple[int, int]]:
    """The gateway, ready; its port and its first process."""
    port = port or free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_BOT_")}
    environment = {**ours, "WECOM_BOT_PORT": str(port), "WECOM_BOT_GATEWAY_PROCESSES": "1", **env}
    command = [sys.executable, "-m", "gunicorn", "-c", str(_CONF), app]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(port)
            yield port, process.pid
        finally:
            process.terminate()


@contextmanager
def beside(house: House, port: int) -> Iterator[tuple[int, int]]:
    """Another gateway of that house, as on a machine of its own: Redis, SQL and master key are the same."""
    data = house.folder / "data"
    own = data / f"gateway-{port}"
    own.mkdir(exist_ok=True)
    env = house.environment() | {
        "WECOM_BOT_PORT": str(port),
        "WECOM_BOT_DATA": str(own),
        "WECOM_BOT_REDIS_URL": sockets.url(data / "valkey"),
        "WECOM_BOT_DATABASE_URL": f"sqlite:///{data / 'wecom-bot.sqlite3'}",
        "WECOM_BOT_MASTER_KEY": (data / "master.key").read_text().strip(),
    }
    with gateway("wecom_bot.wsgi:create()", env, port) as opened:
        yield opened


def wait_until_ready(port: int) -> None:
    """Until /readyz says 200."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=1).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"the gateway was not ready in {_PATIENCE:g} s")
