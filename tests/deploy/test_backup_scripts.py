"""deploy/backup.sh and deploy/restore.sh, as the timer and an operator run them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE
from tests.deploy.tools import tool
from tests.fixtures.tenant_files import ACME
from wecom_bot.environment import PREFIX

DEPLOY = Path(__file__).parents[2] / "deploy"
PROGRAM = Path(sys.executable).parent / "wecom-bot"


def run(folder: Path, command: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "BACKUP_", "RESTORE_"))}
    return subprocess.run(
        command,
        env=ours | {"WECOM_BOT": str(PROGRAM), "WECOM_BOT_DATA": str(folder / "data")} | env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with a tenant."""
    (tmp_path / "tenants.toml").write_text(ACME)
    done = run(tmp_path, [str(PROGRAM), "tenants", "import", "tenants.toml"])
    assert done.returncode == 0, done.stderr
    return tmp_path


def backed_up(machine: Path, **env: str) -> subprocess.CompletedProcess[str]:
    folders = {"BACKUP_FOLDER": str(machine / "backups"), "BACKUP_SETTINGS": str(machine / "env")}
    return run(machine, [str(DEPLOY / "backup.sh")], **folders, **env)


def test_what_is_backed_up_comes_back_on_an_empty_machine(machine: Path) -> None:
    (machine / "env").write_text("WECOM_BOT_LOG_LEVEL=warning\n")
    done = backed_up(machine, BACKUP_KEY_FOLDER=str(machine / "safe"))
    assert (done.returncode, done.stderr) == (0, "")
    (archive,) = (machine / "backups").glob("*.zip")
    assert archive.stat().st_mode & 0o777 == 0o600
    shutil.rmtree(machine / "data")
    restored = run(
        machine, [str(DEPLOY / "restore.sh"), str(archive), "now"], RESTORE_KEY=str(machine / "safe" / "master.key")
    )
    assert restored.returncode == 0, restored.stderr
    assert "已丢" in restored.stdout
    shown = run(machine, [str(PROGRAM), "tenants", "list"])
    assert "ww_acme" in shown.stdout
    assert (machine / "data" / "master.key").stat().st_mode & 0o777 == 0o600


def test_a_backup_that_cannot_be_made_says_why_and_leaves_none(machine: Path) -> None:
    done = backed_up(machine, BACKUP_KEY_FOLDER=str(machine / "backups"))
    assert done.returncode != 0
    assert "主密钥不能和备份放在一起" in done.stderr
    assert not list((machine / "backups").glob("*.zip"))


def test_restoring_over_what_is_there_is_refused(machine: Path) -> None:
    assert backed_up(machine).returncode == 0
    (archive,) = (machine / "backups").glob("*.zip")
    done = run(machine, [str(DEPLOY / "restore.sh"), str(archive), "now"])
    assert done.returncode != 0
    assert "不覆盖" in done.stderr


def test_the_folder_may_be_an_argument_with_more_of_them(machine: Path) -> None:
    for _ in range(2):
        done = run(machine, [str(DEPLOY / "backup.sh"), str(machine / "other"), "--without-redis"], BACKUP_KEEP="1")
        assert done.returncode == 0, done.stderr
    assert len(list((machine / "other").glob("*.zip"))) == 1


def test_two_backups_at_once_are_one(machine: Path) -> None:
    (machine / "backups").mkdir()
    held = subprocess.Popen(
        ["flock", str(machine / "backups" / ".lock"), "sh", "-c", "echo held; cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert held.stdout is not None
        assert held.stdout.readline() == b"held\n"
        assert backed_up(machine).returncode == 3
    finally:
        held.communicate(timeout=PATIENCE)
    assert backed_up(machine).returncode == 0


def test_without_arguments_it_says_how(tmp_path: Path) -> None:
    done = run(tmp_path, [str(DEPLOY / "restore.sh")])
    assert done.returncode == 2
    assert "restore.sh ARCHIVE WHEN" in done.stderr


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_the_scripts_have_no_mistakes_that_shellcheck_knows(script: Path) -> None:
    program = tool("shellcheck", "apt-get install shellcheck")
    done = subprocess.run([program, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_disk_that_is_full_is_said_and_no_half_archive_stays(machine: Path) -> None:
    picture = machine / "data" / "media" / "ww_acme" / "floor.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(os.urandom(1 << 20))
    done = run(machine, ["bash", "-c", 'ulimit -f 512; exec "$PROGRAM" backup backups'], PROGRAM=str(PROGRAM))
    assert done.returncode == 1
    assert "没有备份成" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((machine / "backups").iterdir()) == []
