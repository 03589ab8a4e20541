"""Nobody else on the machine reads what we keep, whatever the umask and whoever made the folder."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.command_line import CommandLine
from tests.fixtures.ports import free_port
from tests.fixtures.tenant_files import ACME
from wecom_bot import private
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.search.index_file import IndexFile

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def umask(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder that somebody else made."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def start(tmp_path: Path, umask: int, *command: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_BOT_")}
    ours = {
        "PYTHONPATH": str(ROOT),
        "WECOM_BOT_DATA": "data",
        "WECOM_BOT_WORKER_PORT": str(free_port()),
        "WECOM_BOT_GATEWAY_PROCESSES": "1",
    }
    with (tmp_path / "log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "wecom_bot", *command],
            env=environment | ours,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            umask=umask,
        )


def open_to_others(folder: Path) -> dict[str, str]:
    """What lies in the folder that others may read, write or enter, and its mode."""
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*") if not path.is_symlink()}
    return {str(path.relative_to(folder)): oct(mode) for path, mode in modes.items() if mode & 0o077}


def test_migrate_makes_files_for_its_owner_alone(tmp_path: Path, data: Path, umask: int) -> None:
    with start(tmp_path, umask, "migrate") as process:
        assert process.wait(PATIENCE) == 0
    assert (data / "wecom-bot.sqlite3").exists()
    assert open_to_others(data) == {}
    assert stat.S_IMODE(data.stat().st_mode) == 0o755  # is not ours to close


def test_a_database_that_was_open_is_closed_with_its_log(tmp_path: Path, data: Path, umask: int) -> None:
    with start(tmp_path, umask, "migrate") as process:
        assert process.wait(PATIENCE) == 0
    database = data / "wecom-bot.sqlite3"
    database.chmod(0o644)
    reader = sqlite3.connect(database)  # of an earlier version: its log and index are open to all, too
    reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for path in data.glob("wecom-bot.sqlite3-*"):
        path.chmod(0o644)
    assert len(open_to_others(data)) >= 3
    with start(tmp_path, umask, "tenants", "list") as process:
        assert process.wait(PATIENCE) == 0
    assert open_to_others(data) == {}
    reader.close()


@pytest.mark.slow
def test_serve_makes_files_for_its_owner_alone(tmp_path: Path, data: Path, umask: int) -> None:
    tenants = tmp_path / "tenants.toml"
    tenants.write_text(ACME, encoding="utf-8")
    tenants.chmod(0o644)
    with start(tmp_path, umask, "serve", "--port", "0", "--tenants", str(tenants)) as process:
        try:
            assert process.stdout
            assert "ready" in process.stdout.readline(), (tmp_path / "log").read_text()
            assert {"master.key", "metrics", "valkey", "wecom-bot.sqlite3"} <= {path.name for path in data.iterdir()}
            assert open_to_others(data) == {}
            assert f"chmod 600 {tenants}" in (tmp_path / "log").read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
    assert open_to_others(data) == {}


def test_what_an_earlier_valkey_left_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    with EmbeddedValkey(folder):
        pass
    paths = [*folder.rglob("*")]
    assert any(path.name.endswith(".aof") for path in paths)
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    with EmbeddedValkey(folder):
        assert open_to_others(folder) == {}


def test_the_search_index_is_for_its_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        index = IndexFile(tmp_path / "search.sqlite")
        with index.reading():
            assert open_to_others(tmp_path) == {}
    finally:
        os.umask(before)


def test_who_leaves_secrets_open_to_others_is_told(wecom_bot: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text(ACME, encoding="utf-8")
    file.chmod(0o640)
    assert f"`chmod 600 {file}`" in wecom_bot("tenants", "import", str(file)).complaint
    file.chmod(0o600)
    assert "chmod" not in wecom_bot("tenants", "import", str(file)).complaint


def test_who_leaves_no_secrets_open_is_not_bothered(furnished: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(furnished("tenants", "export").output, encoding="utf-8")
    file.chmod(0o644)
    assert "chmod" not in furnished("tenants", "import", str(file)).complaint


def test_what_cannot_be_closed_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    private.prepare(tmp_path / "nowhere" / "file")
    assert not (tmp_path / "nowhere").exists()
