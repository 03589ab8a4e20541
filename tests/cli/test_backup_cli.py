"""`wecom-bot backup` and `wecom-bot restore`: what an operator sees, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.sql.copying import unknown_until
from wecom_bot.bootstrap import stores
from wecom_bot.settings import load


def test_a_backup_says_where_it_is_and_that_the_key_is_not_in_it(furnished: CommandLine, tmp_path: Path) -> None:
    done = furnished("backup", "backups")
    assert (done.status, done.complaint) == (0, "")
    (archive,) = (tmp_path / "backups").iterdir()
    assert str(Path("backups") / archive.name) in done.output
    assert "主密钥不在里面" in done.output
    assert "s3cret" not in done.output


def test_a_database_that_came_back_by_other_means_is_noted(furnished: CommandLine) -> None:
    before = datetime.now(UTC)
    done = furnished("restore", "--lost-at", "now")
    assert (done.status, done.complaint) == (0, "")
    noted = unknown_until(stores.sql_engine(load()))
    assert noted is not None
    assert before - timedelta(seconds=1) <= noted <= datetime.now(UTC)


def test_it_is_not_noted_while_redis_still_knows(furnished: CommandLine, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "data" / "valkey") as server:
        client = connect(server.url, timeout=timedelta(seconds=5), most=2)
        client.set("wb:{ww_acme}:born", "1")
        client.close()
    done = furnished("restore", "--lost-at", "now")
    assert done.status == 2
    assert "Redis 里已有数据" in done.complaint
    assert unknown_until(stores.sql_engine(load())) is None


@pytest.mark.parametrize("moment", ["yesterday", "14:05", ""])
def test_a_moment_that_is_none_is_explained(furnished: CommandLine, moment: str) -> None:
    done = furnished("restore", "--lost-at", moment)
    assert done.status == 2
    assert "2026-11-29T14:05" in done.complaint


def test_what_is_no_backup_is_refused(furnished: CommandLine) -> None:
    done = furnished("restore", furnished.write("some.zip", "no zip"), "--lost-at", "now")
    assert done.status == 2
    assert "不是备份" in done.complaint
