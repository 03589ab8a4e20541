"""The units' own command lines, run as systemd would: confined, told when they are ready, and stopped by SIGTERM."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.deploy import confined
from tests.deploy.test_systemd import first, said
from tests.deploy.tools import tool
from tests.fixtures.ports import free_ports
from wecom_bot import processes

ROOT = Path(__file__).parents[2]


@contextmanager
def started(name: str, instance: int, folder: Path, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """What a unit starts, with this checkout and this folder in the place of /opt and /var; killed at the end."""
    confined.prepared()
    tie = processes.before_exec()

    def begin() -> None:
        tie()
        confined.confine()

    places = {"/opt/wecom-bot/.venv/bin": Path(sys.executable).parent, "/opt/wecom-bot": ROOT}
    command = first(name, "ExecStart").replace("%i", str(instance)).replace("/var/lib/wecom-bot", str(folder))
    for installed, here in places.items():
        command = command.replace(installed, str(here))
    with (folder / f"{name}.log").open("ab") as output:
        process = subprocess.Popen(
            command.split(),
            cwd=folder,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=output,
            stderr=output,
            preexec_fn=begin,  # noqa: PLW1509 - systemd does the same there
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def settings(bundled_valkey_url: str, model_folder: Path) -> dict[str, str]:
    """What /etc/wecom-bot/env says."""
    tool("systemd-analyze", "apt-get install systemd")
    return {"WECOM_BOT_REDIS_URL": bundled_valkey_url, "WECOM_BOT_EMBEDDING_MODEL": str(model_folder.absolute())}


def test_schema_gateway_and_worker_work_with_what_the_units_leave_them(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    assert said("gateway@", "Type") == ["notify"]
    gateway_port, worker_port = free_ports(2)
    with started("migrate", 0, tmp_path, settings) as migrate:
        assert migrate.wait(PATIENCE) == 0, _log(tmp_path, "migrate")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        told = settings | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with (
            started("gateway@", gateway_port, tmp_path, told) as gateway,
            started("worker@", worker_port, tmp_path, settings) as worker,
        ):
            assert b"READY=1" in systemd.recv(4096)
            for process, name, port in ((gateway, "gateway@", gateway_port), (worker, "worker@", worker_port)):
                wait_until(lambda p=process, n=port: p.poll() is not None or _is_ready(n))  # type: ignore[misc]
                assert process.poll() is None, _log(tmp_path, name)
            assert (tmp_path / f"gateway-{gateway_port}").is_dir(), "its numbers have no folder of their own"
            assert b'"search": "hybrid"' in _asked(worker_port)
            for process, name in ((gateway, "gateway@"), (worker, "worker@")):
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0, _log(tmp_path, name)
    for name in ("gateway@", "worker@"):
        assert "Operation not permitted" not in _log(tmp_path, name)


def test_the_command_lines_need_no_shell() -> None:
    for name in ("gateway@", "worker@", "migrate", "backup"):
        command = first(name, "ExecStart")
        assert command.split() == shlex.split(command.replace("()", r"\(\)"))


def _is_ready(port: int) -> bool:
    try:
        return bool(_asked(port))
    except (OSError, HTTPException):
        return False


def _asked(port: int) -> bytes:
    """What /readyz answers when it is ready."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
        return body if answer.status == 200 else b""
    finally:
        connection.close()


def _log(folder: Path, name: str) -> str:
    return (folder / f"{name}.log").read_text()
