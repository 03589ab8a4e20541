"""What others put into our environment: it stops nobody, and a mistyped setting still does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.deadlines import PATIENCE
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import load

ROOT = Path(__file__).parents[1]


def links(service: str, address: str = "10.96.0.7", port: int = 8080, protocol: str = "tcp") -> dict[str, str]:
    """What Kubernetes puts into every pod beside a Service with one port called http."""
    name = service.upper().replace("-", "_")
    host = f"[{address}]" if ":" in address else address
    url, of_port = f"{protocol}://{host}:{port}", f"{name}_PORT_{port}_{protocol.upper()}"
    return {
        f"{name}_SERVICE_HOST": address,
        f"{name}_SERVICE_PORT": str(port),
        f"{name}_SERVICE_PORT_HTTP": str(port),
        f"{name}_PORT": url,
        of_port: url,
        f"{of_port}_PROTO": protocol,
        f"{of_port}_PORT": str(port),
        f"{of_port}_ADDR": address,
    }


CLUSTER = links("wecom-bot") | links("wecom-bot-worker", "fd00::7", 9101) | links("wecom-bot-redis", protocol="sctp")


@pytest.mark.parametrize("service", ["wecom-bot", "wecom-bot-gateway", "wecom-bot-worker", "wecom-bot-port"])
@pytest.mark.parametrize(("address", "protocol"), [("10.0.0.1", "tcp"), ("fd00::1", "tcp"), ("10.0.0.1", "udp")])
def test_what_kubernetes_says_of_services_is_passed_over_and_said_once(
    monkeypatch: pytest.MonkeyPatch, service: str, address: str, protocol: str
) -> None:
    said = links(service, address, protocol=protocol)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with capture_logs() as lines:
        settings = load(None)
        load(None)
    assert (settings.port, settings.worker_port) == (8080, 9101)
    (line,) = lines
    assert (line["event"], line["names"]) == ("settings.service_links_ignored", sorted(said))
    assert "enableServiceLinks: false" in line["advice"]
    assert not said.keys() & os.environ.keys()


def test_what_the_file_says_holds_in_the_place_of_a_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WECOM_BOT_PORT=8088\nWECOM_BOT_WORKER_PORT=9109\n")
    for name, value in CLUSTER.items():
        monkeypatch.setenv(name, value)
    settings = load(file)
    assert (settings.port, settings.worker_port) == (8088, 9109)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECOM_BOT_SERVICE_HOST", "redis.example.com"),
        ("WECOM_BOT_SERVICE_PORT", "http"),
        ("WECOM_BOT_PORTS", "tcp://10.0.0.1:80"),
        ("WECOM_BOT_REDIS_PORT", "6379"),
        ("WECOM_BOT_PORT_80_TCP_HOST", "10.0.0.1"),
        ("WECOM_BOT_SERVICE", "10.0.0.1"),
        ("wecom_bot_service_host", "10.0.0.1"),
        ("WECOM_BOTS_SERVICE_HOSTS", "10.0.0.1"),
    ],
)
def test_what_only_looks_like_a_service_is_a_mistyped_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    if not name.upper().startswith("WECOM_BOT_"):
        load(None)  # none of our business
        return
    with pytest.raises(ConfigurationError, match=f"{name} is not a setting"):
        load(None)


def test_a_service_in_the_file_is_a_mistyped_setting(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WECOM_BOT_SERVICE_HOST=10.0.0.1\n")
    with pytest.raises(ConfigurationError, match="WECOM_BOT_SERVICE_HOST is not a setting"):
        load(file)


@pytest.mark.parametrize("value", ["http", "tcp:80", "tcp://redis:80", "tcp://10.0.0.1:80/path"])
def test_a_port_that_is_none_is_refused_as_before(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WECOM_BOT_PORT", value)
    with pytest.raises(ConfigurationError, match=r"WECOM_BOT_PORT: .*integer"):
        load(None)


def ran(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_BOT_")}
    environment = ours | CLUSTER | {"WECOM_BOT_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)} | more
    return subprocess.run(
        [sys.executable, *command],
        env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip


def events(said: str) -> list[str]:
    return [json.loads(line).get("event", "") for line in said.splitlines() if line.startswith("{")]


def test_a_command_runs_beside_services_and_says_so_in_one_line(tmp_path: Path) -> None:
    done = ran(tmp_path, "-m", "wecom_bot", "settings")
    assert done.returncode == 0
    assert "WECOM_BOT_PORT=8080  #" in done.stdout
    (line,) = done.stderr.splitlines()
    assert "settings.service_links_ignored" in line
    assert "WECOM_BOT_SERVICE_HOST" in line


def test_a_worker_says_it_as_it_logs_and_then_what_really_is_wrong(tmp_path: Path) -> None:
    done = ran(tmp_path, "-m", "wecom_bot", "worker")
    assert events(done.stderr) == ["settings.service_links_ignored"]
    assert "WECOM_BOT_REDIS_URL" in done.stderr.splitlines()[-1]


def test_gunicorn_says_it_once_for_all_its_processes(tmp_path: Path) -> None:
    check = ("-m", "gunicorn", "--check-config", "--config", str(ROOT / "deploy/gunicorn.conf.py"))
    refused = ran(tmp_path, *check, WECOM_BOT_REDIS_URL="none://")
    assert "WECOM_BOT_REDIS_URL: 开头应是 / it should start with" in refused.stderr
    begun = ran(tmp_path, *check, "wsgiref.simple_server:demo_app")
    assert begun.returncode == 0, begun.stderr
    assert events(begun.stderr).count("settings.service_links_ignored") == 1


def test_a_worker_says_in_one_line_that_other_programs_proxies_are_not_looked_at(tmp_path: Path) -> None:
    theirs = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY"), "http://u:geheim@proxy:1")
    done = ran(tmp_path, "-m", "wecom_bot", "worker", **theirs)
    assert events(done.stderr).count("egress.proxy_ignored") == 1
    assert all(name in done.stderr for name in theirs)
    assert "geheim" not in done.stderr
    ours = {"WECOM_BOT_EGRESS_PROXY": "http://u:geheim@proxy:3128"}
    done = ran(tmp_path, "-m", "wecom_bot", "worker", **theirs, **ours)
    assert "egress.proxy_ignored" not in events(done.stderr)


@pytest.mark.parametrize("value", ["http://u:geheim@proxy", "https://u:geheim@proxy:1", "http://u:geheim@proxy:x"])
def test_the_proxy_s_password_is_never_shown(tmp_path: Path, value: str) -> None:
    refused = ran(tmp_path, "-m", "wecom_bot", "settings", WECOM_BOT_EGRESS_PROXY=value)
    assert refused.returncode != 0
    assert "WECOM_BOT_EGRESS_PROXY" in refused.stderr
    shown = ran(tmp_path, "-m", "wecom_bot", "settings", WECOM_BOT_EGRESS_PROXY="http://u:geheim@proxy:3128")
    assert "WECOM_BOT_EGRESS_PROXY=******" in shown.stdout
    assert "geheim" not in refused.stdout + refused.stderr + shown.stdout + shown.stderr
