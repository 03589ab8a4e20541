"""deploy/compose.yaml: its schema, that all it names is there, and that nothing but nginx stands outside."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from tests.deadlines import wait_until
from tests.deploy.dockerfile import read
from tests.deploy.tools import tool
from tests.fixtures.ports import free_port
from tests.fixtures.redis_servers import redis_server_binary
from wecom_bot import processes
from wecom_bot.settings import Settings
from wecom_bot.web import gunicorn_conf

DEPLOY = Path(__file__).parents[2] / "deploy"
PATH = DEPLOY / "compose.yaml"
COMPOSE: Mapping[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = [name for name, each in SERVICES.items() if str(each["image"]).startswith("wecom-bot:")]
STAYING = [name for name in SERVICES if name not in {"migrate", "tools"}]
PASSWORD = "letters0and1digits"
_INTERPOLATED = re.compile(r"(?<!\$)\$\{(\w+)")


def test_the_schema_of_compose_has_nothing_to_say() -> None:
    checked = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(PATH)]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_name_in_it_is_there() -> None:
    for each in SERVICES.values():
        assert set(each["networks"]) <= set(COMPOSE["networks"])
        assert set(each.get("depends_on", ())) <= set(SERVICES)
        for name, wanted in each.get("depends_on", {}).items():
            one_shot = wanted["condition"] == "service_completed_successfully"
            assert one_shot == (SERVICES[name].get("command") == ["wecom-bot", "migrate"])
    named = {source for source, _ in mounted() if not source.startswith(".")}
    assert named == set(COMPOSE["volumes"])


def mounted() -> Iterator[tuple[str, str]]:
    """What is mounted, and where."""
    for each in SERVICES.values():
        for volume in each.get("volumes", ()):
            source, target, *_ = volume.split(":")
            yield source, target


@pytest.mark.parametrize("source", sorted({source for source, _ in mounted() if source.startswith("./")}))
def test_every_path_is_in_the_tree_or_made_by_the_operator(source: str) -> None:
    if source in {"./tls", "./media"}:
        assert f"/deploy/{source[2:]}/" in (DEPLOY.parent / ".gitignore").read_text().splitlines()
    else:
        assert (DEPLOY / source).exists()


def test_every_password_is_in_the_example_and_none_has_a_value() -> None:
    lines = (DEPLOY / "compose.env.example").read_text("utf-8").splitlines()
    shown = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(shown) == set(_INTERPOLATED.findall(PATH.read_text("utf-8")))
    assert {value for name, value in shown.items() if "PASSWORD" in name or "KEY" in name or "TOKEN" in name} == {""}


def test_nothing_but_nginx_stands_outside() -> None:
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published.pop("nginx") == ["80:80", "443:443"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    inside = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    for name, each in SERVICES.items():
        if name in {"redis", "mysql", "prometheus", "migrate"} or name.startswith("gateway"):
            assert set(each["networks"]) <= inside, f"{name} can be reached, or reaches out"
    assert not set(SERVICES["nginx"]["networks"]) & {"inside", "outward"}, "a broken nginx would reach Redis"


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_is_looked_after(name: str) -> None:
    each = SERVICES[name]
    assert each["restart"] == "unless-stopped"
    assert set(each["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert set(each["logging"]["options"]) == {"max-size", "max-file"}
    assert "test" in each["healthcheck"]
    assert "no-new-privileges:true" in each["security_opt"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_do_nothing_that_they_need_not(name: str) -> None:
    each = SERVICES[name]
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    data = [*each.get("tmpfs", ()), *(volume for volume in each.get("volumes", ()) if volume[0] != ".")]
    assert [where for where in data if "/var/lib/wecom-bot" in where], "it has to write somewhere"


@pytest.mark.parametrize("name", [name for name in OURS if name in STAYING])
def test_our_containers_are_well_when_they_are_ready(name: str) -> None:
    """Compose restarts nobody who is not: nginx, and who upgrades one by one, wait for it."""
    steps = {step.word: step for step in read().final(MODEL="with")}
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", *steps["HEALTHCHECK"].words(), "--ready"]


def test_who_stops_a_container_waits_longer_than_it_needs() -> None:
    graces = {
        "gateway": timedelta(seconds=gunicorn_conf.graceful_timeout),
        "worker": Settings.model_fields["shutdown_grace"].default,
    }
    for name, each in SERVICES.items():
        kind = name.partition("-")[0]
        if kind in graces:
            given = timedelta(seconds=int(each["stop_grace_period"].removesuffix("s")))
            assert given >= graces[kind] + timedelta(seconds=5), name


def test_redis_starts_as_it_is_told_and_shows_its_password_to_nobody(tmp_path: Path) -> None:
    with _redis(tmp_path) as (server, port):
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        with redis.Redis(port=port, password=PASSWORD) as client:
            wanted = {
                "maxmemory-policy": "noeviction",
                "appendonly": "yes",
                "appendfsync": "always",
                "maxmemory": str(64 << 20),
            }
            for name, value in wanted.items():
                assert client.config_get(name) == {name: value}
        assert PASSWORD.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()


@contextmanager
def _redis(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The service's own command, with another folder and port."""
    redis_server_binary()
    shell, flag, script = SERVICES["redis"]["command"]
    port = free_port()
    script = script.replace("$$", "$").replace("dir /data", f"dir {folder}").replace("port 6379", f"port {port}")
    server = subprocess.Popen(
        [shell, flag, script],
        env=os.environ | {"REDIS_PASSWORD": PASSWORD, "REDIS_MAXMEMORY": "64mb"},
        stdout=subprocess.DEVNULL,
        preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
    )
    try:
        wait_until(lambda: server.poll() is not None or _answers(port))
        assert server.poll() is None
        yield server, port
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, password=PASSWORD) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
