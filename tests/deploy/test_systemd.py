"""The units: systemd's own checks, in a root with nothing else of ours, and what has to agree with the program."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deploy.tools import tool
from wecom_bot.settings import Settings
from wecom_bot.web import gunicorn_conf

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = ("gateway@8080", "worker@9101", "migrate", "backup")
EXPOSED = "1.8"
"""The most that `systemd-analyze security` may find, of 10; what is left is that a bot speaks to the network."""


def unit(name: str) -> list[str]:
    """The lines of a unit that say something; instances are of their template."""
    template, at, _ = name.partition("@")
    lines = (UNITS / f"wecom-bot-{template}{at}.service").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def said(name: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in unit(name) if line.startswith(f"{key}=")]


def first(name: str, key: str) -> str:
    (value,) = said(name, key)
    return value


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the units, systemd's own, and programs where the units want some."""
    analyze = tool("systemd-analyze", "apt-get install systemd")
    root = tmp_path_factory.mktemp("root")
    own = next(path for path in map(Path, ("/usr/lib/systemd/system", "/lib/systemd/system")) if path.is_dir())
    shutil.copytree(own, root / "usr/lib/systemd/system", symlinks=True)
    shutil.copytree(UNITS, root / "etc/systemd/system")
    for name in SERVICES:
        for word in first(name, "ExecStart").split():
            if word.startswith("/") and not word.startswith("/var"):
                program = root / word.lstrip("/")
                program.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile("/bin/true", program)
                program.chmod(0o755)
    assert analyze
    return root


@pytest.mark.parametrize(
    "name", [*(f"wecom-bot-{each}.service" for each in SERVICES), "wecom-bot-backup.timer", "wecom-bot.target"]
)
def test_systemd_has_nothing_to_say(installed: Path, name: str) -> None:
    done = _analyze("verify", f"--root={installed}", name)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "wecom-bot" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_little_of_the_machine(installed: Path, name: str) -> None:
    options = (f"--root={installed}", "--offline=true", "--no-pager")
    found = _analyze("security", *options, f"--threshold={float(EXPOSED) * 10:.0f}", f"wecom-bot-{name}.service")
    assert found.returncode == 0, found.stdout
    assert "Overall exposure level" in found.stdout


def _analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], env=os.environ | {"LC_ALL": "C"}, capture_output=True, text=True, check=False
    )


def test_the_target_starts_what_its_page_promises() -> None:
    lines = (UNITS / "wecom-bot.target").read_text("utf-8").splitlines()
    wanted = {name for line in lines if line.startswith("Wants=") for name in line.removeprefix("Wants=").split()}
    gateways = {f"wecom-bot-gateway@{port}.service" for port in (8080, 8081)}
    workers = {f"wecom-bot-worker@{port}.service" for port in (9101, 9102)}
    assert wanted == {"wecom-bot-migrate.service", *gateways, *workers}
    assert Settings.model_fields["port"].default == 8080
    assert Settings.model_fields["worker_port"].default == 9101


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_layout_and_the_user_of_all(name: str) -> None:
    assert first(name, "User") == first(name, "Group") == "wecom-bot"
    assert first(name, "EnvironmentFile") == "/etc/wecom-bot/env"
    assert first(name, "UMask") == "0077"
    assert first(name, "ExecStart").startswith("/usr/bin/env ")
    assert " WECOM_BOT_DATA=/var/lib/wecom-bot " in first(name, "ExecStart")


def test_an_instance_is_its_port_whatever_the_settings_file_says() -> None:
    """EnvironmentFile= goes before Environment=: what an instance is has to stand in its command."""
    assert " WECOM_BOT_PORT=%i " in first("gateway@", "ExecStart")
    assert " PROMETHEUS_MULTIPROC_DIR=/var/lib/wecom-bot/gateway-%i " in first("gateway@", "ExecStart")
    assert " WECOM_BOT_WORKER_PORT=%i " in first("worker@", "ExecStart")
    assert not [line for name in SERVICES for line in unit(name) if line.startswith("Environment=")]


def test_who_stops_waits_longer_than_who_is_stopped_needs() -> None:
    graces = {
        "gateway@": timedelta(seconds=gunicorn_conf.graceful_timeout),
        "worker@": Settings.model_fields["shutdown_grace"].default,
    }
    for name, grace in graces.items():
        assert timedelta(seconds=int(first(name, "TimeoutStopSec"))) >= grace + timedelta(seconds=5)
        assert first(name, "KillMode") == "mixed"
        assert (first(name, "Restart"), first(name, "RestartSec")) == ("always", "1")
        assert first(name, "StartLimitIntervalSec") == "0"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_test_confines_is_what_the_unit_does(name: str) -> None:
    """tests/deploy/confined.py does these three to what test_units_run starts."""
    assert first(name, "NoNewPrivileges") == first(name, "MemoryDenyWriteExecute") == "yes"
    assert first(name, "SystemCallFilter") == "@system-service"
    assert first(name, "SystemCallErrorNumber") == "EPERM"


def test_every_script_that_a_unit_names_is_installed() -> None:
    for name in SERVICES:
        for word in first(name, "ExecStart").split():
            if word.startswith("/opt/wecom-bot/deploy/"):
                path = ROOT / word.removeprefix("/opt/wecom-bot/")
                assert path.suffix in {".py", ".sh"}, "install.sh takes these"
