"""deploy/install.sh, carried out in a clean folder, and the units' own command lines in what it has made."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.deadlines import PATIENCE
from tests.deploy import clean_room
from tests.deploy.built_image import stores
from tests.deploy.clean_room import ROOT, Room
from tests.deploy.test_systemd import first

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # the dependencies are installed once more

PLAIN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A machine on which the script was run."""
    clean_room.possible()
    folder = tmp_path_factory.mktemp("machine")
    room = clean_room.base(folder / "root")
    room.run("PYTHON=python3 /src/deploy/install.sh", PLAIN | {"HOME": "/root"}, mounts={"/src": ROOT} | stores())
    yield room
    shutil.rmtree(folder)


def test_it_is_laid_out_as_the_units_have_it(machine: Room) -> None:
    assert machine.inside("/opt/wecom-bot/.venv").is_symlink()
    look = (
        "stat -c '%U:%G %a' /opt/wecom-bot /etc/wecom-bot /etc/wecom-bot/env /var/lib/wecom-bot /var/backups/wecom-bot"
    )
    assert machine.run(look, PLAIN).splitlines() == [
        "root:root 755",
        "root:wecom-bot 750",
        "root:wecom-bot 640",
        "wecom-bot:wecom-bot 700",
        "wecom-bot:wecom-bot 700",
    ]
    units = {path.name for path in machine.inside("/etc/systemd/system").glob("wecom-bot*")}
    assert units == {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}
    assert machine.inside("/etc/wecom-bot/env").read_text() == (ROOT / ".env.example").read_text()


def test_nobody_else_owns_or_can_change_the_program(machine: Room) -> None:
    found = machine.run("find /opt/wecom-bot -not -user root -o -not -type l -perm /022", PLAIN)
    assert found == ""
    unreadable = machine.run("runuser -u wecom-bot -- find /opt/wecom-bot -not -readable", PLAIN)
    assert unreadable == ""


def test_the_units_command_lines_work_as_their_user(machine: Room) -> None:
    migrated = _as_unit(machine, first("migrate", "ExecStart"))
    assert migrated.returncode == 0, migrated.stderr
    assert machine.inside("/var/lib/wecom-bot/wecom-bot.sqlite3").stat().st_mode & 0o077 == 0
    # without Redis both say so, in a line, and where to set it
    for name, instance in (("gateway@", "8080"), ("worker@", "9101")):
        refused = _as_unit(machine, first(name, "ExecStart").replace("%i", instance))
        assert refused.returncode != 0
        assert "WECOM_BOT_REDIS_URL" in refused.stdout + refused.stderr


def test_the_command_has_the_settings_of_the_service(machine: Room) -> None:
    shown = machine.run("cd /root && wecom-bot settings && wecom-bot tenants list", PLAIN)
    assert "WECOM_BOT_DATA=/var/lib/wecom-bot\n" in shown
    settings = machine.inside("/etc/wecom-bot/env")
    before = settings.read_text("utf-8")
    settings.write_text(before + "WECOM_BOT_LOG_LEVEL=debug\n", "utf-8")
    assert "WECOM_BOT_LOG_LEVEL=debug\n" in machine.run("cd /root && wecom-bot settings", PLAIN)
    settings.write_text(before, "utf-8")


def _as_unit(machine: Room, command: str) -> subprocess.CompletedProcess[str]:
    """As systemd runs it: the unit's user, folder and environment."""
    script = f"cd /var/lib/wecom-bot && umask 077 && exec {command.replace('()', chr(92) + '(' + chr(92) + ')')}"
    argv = ("/bin/sh", "-c", script)
    ids = [machine.run(f"id -{flag} wecom-bot", PLAIN).strip() for flag in "ug"]
    line = machine.command(argv, PLAIN, user=":".join(ids))
    return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False)
