"""`wecom-bot callers`, as a timer runs it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.simulated_wecom import app_spec, simulated_wecom
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.simulators.wecom.client import SimulatorClient

ACME = "ww_acme"
SHOP = {"secret": "s3cret-of-shop"}


@dataclass(frozen=True)
class Timer:
    """What runs the command, and WeCom."""

    run: CommandLine
    wecom: SimulatorClient

    @property
    def file(self) -> Path:
        return self.run.folder / "callers.conf"


@pytest.fixture
def timer(furnished: CommandLine, bundled_valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Timer]:
    client = connect(bundled_valkey_url, timeout=timedelta(seconds=5), most=2)
    client.flushall()
    client.close()
    with simulated_wecom() as wecom:
        wecom.add_corp(ACME, [app_spec(**SHOP)], [])
        wecom.mode(callers=["101.226.103.*", "9.9.9.9", "9.9.9.9"])
        monkeypatch.setenv("WECOM_BOT_WECOM_BASE_URL", wecom.base_url)
        monkeypatch.setenv("WECOM_BOT_REDIS_URL", bundled_valkey_url)
        yield Timer(furnished, wecom)


def test_the_list_is_printed_for_nginx_or_plain(timer: Timer) -> None:
    done = timer.run("callers")
    assert (done.status, done.complaint) == (0, "")
    assert done.output.splitlines()[1:] == ["default stranger;", "9.9.9.9/32 wecom;", "101.226.103.0/24 wecom;"]
    assert timer.run("callers", ACME, "shop", "--plain").output == "9.9.9.9/32\n101.226.103.0/24\n"


def test_a_file_is_written_once_and_then_only_when_the_list_changes(timer: Timer) -> None:
    assert timer.run("callers", "--output", timer.file).output.startswith(f"已更新 / changed: {timer.file}")
    written = timer.file.stat()
    assert stat.S_IMODE(written.st_mode) == 0o644
    assert timer.run("callers", "--output", timer.file).output.startswith("无变化 / unchanged")
    assert timer.file.stat().st_ino == written.st_ino
    timer.wecom.mode(callers=["9.9.9.10"])
    assert "changed: " in timer.run("callers", "-o", timer.file).output
    assert timer.file.read_text().splitlines()[1:] == ["default stranger;", "9.9.9.10/32 wecom;"]
    assert [each.name for each in timer.run.folder.iterdir() if "callers.conf" in each.name] == ["callers.conf"]


def test_a_link_stays_one(timer: Timer) -> None:
    link = timer.run.folder / "link"
    link.symlink_to(timer.file)
    assert timer.run("callers", "-o", link).status == 0
    assert link.is_symlink()
    assert "9.9.9.9/32 wecom;" in timer.file.read_text()


@pytest.mark.parametrize("callers", [[], ["9.9.9.9", "0.0.0.0/0"], ["9.9.9.9", "somewhere"]])
def test_a_list_that_is_none_leaves_the_file_as_it_is(timer: Timer, callers: list[str]) -> None:
    timer.file.write_text("default unknown;\n")
    timer.wecom.mode(callers=callers)
    done = timer.run("callers", ACME, "shop", "-o", timer.file)
    assert (done.status, done.output) == (1, "")
    assert "getcallbackip" in done.complaint
    assert timer.file.read_text() == "default unknown;\n"


def test_who_was_refused_is_said_without_any_secret(timer: Timer) -> None:
    timer.wecom.add_corp(ACME, [app_spec(secret="another")], [])
    done = timer.run("callers", ACME, "shop")
    assert done.status == 1
    assert "40001" in done.complaint
    assert "s3cret" not in done.complaint
    assert timer.run("callers", "ww_nobody").status == 1


def test_a_place_that_cannot_be_written_is_said(timer: Timer) -> None:
    done = timer.run("callers", "-o", timer.run.folder / "missing" / "callers.conf")
    assert (done.status, done.output) == (2, "")
    assert "cannot be written" in done.complaint


def test_without_redis_it_says_what_to_set(furnished: CommandLine) -> None:
    assert "WECOM_BOT_REDIS_URL" not in os.environ
    done = furnished("callers")
    assert done.status == 2
    assert "WECOM_BOT_REDIS_URL" in done.complaint
