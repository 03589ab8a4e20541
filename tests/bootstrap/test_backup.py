"""Backup and restore: all comes back, and what cannot be written leaves nothing behind."""

import os
import socket
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.contracts.test_records import ACME, made_record
from tests.deadlines import PATIENCE
from tests.fixtures.kept_places import LATER, contents, message, saved, with_key_of
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.connection import connect as redis_connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.sql import copying, schema
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.tickets import SqlTickets
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.backup import BackupOrder, back_up
from wecom_bot.bootstrap.restore import restore
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import TurnRecord
from wecom_bot.settings import Settings


def test_all_comes_back(old: Settings, place: Callable[[str], Settings], tmp_path: Path) -> None:
    before = contents(old)
    done = saved(old, tmp_path)
    new = with_key_of(old, place("new"))
    report = restore(new, done.path, done.manifest.taken_at + LATER)
    after = contents(new)
    same = [name for name in copying.TABLES if name not in {"restores", "requests", "turns", "messages"}]
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert len(before["turns"]) == 3  # two, and the names of the columns
    (stored,) = stores.tenant_store(new).load_all()
    assert stored.credentials["shop"].secret.get_secret_value() == "s3cret-of-shop"
    assert (new.data / "media" / ACME / "floor.png").read_bytes() == b"\x89PNG picture"
    assert (report.entries, report.pictures) == (1, 1)


def test_what_had_not_reached_sql_and_what_waited_is_not_lost(
    old: Settings, place: Callable[[str], Settings], tmp_path: Path
) -> None:
    done = saved(old, tmp_path)
    new = with_key_of(old, place("new"))
    report = restore(new, done.path, done.manifest.taken_at + LATER)
    records = SqlRecords(stores.sql_engine(new))
    assert records.dealt_with(made_record("closing").turn.conversation, message("closing").message_id)
    (request,) = SqlTickets(records.engine).list(ACME)  # not m1, which the record knows
    assert (request.reason, request.words, report.owed) == ("restored", "还在等", 1)
    assert copying.unknown_until(records.engine) == done.manifest.taken_at + LATER


def test_a_server_that_was_killed_is_none(old: Settings, place: Callable[[str], Settings], tmp_path: Path) -> None:
    done = saved(old, tmp_path)
    new = with_key_of(old, place("new"))
    (new.data / "valkey").mkdir(parents=True)
    left = sockets.prepare(new.data / "valkey")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(left))
    assert restore(new, done.path, done.manifest.taken_at + LATER).rows["tenants"] == 1


def test_who_begins_to_wait_while_it_is_written_is_not_lost(
    old: Settings, place: Callable[[str], Settings], tmp_path: Path
) -> None:
    """The cursor in SQL may be past the message already: then WeCom does not bring it again."""
    pipe = tmp_path / "env"
    os.mkfifo(pipe)  # as the settings' file, which is read after SQL: the backup waits at it
    with EmbeddedValkey(old.data / "valkey") as server:
        reached = old.model_copy(update={"redis_url": server.url})
        client = redis_connect(server.url, timeout=timedelta(seconds=5), most=4)
        with ThreadPoolExecutor(1) as beside:
            saving = beside.submit(saved, reached, tmp_path, settings_file=pipe)
            with pipe.open("w"):
                WholeInbox(client, 100).put(ACME, [AnswerMessage(message("meanwhile"), "trace-n")])
            done = saving.result(PATIENCE)
        client.close()
    new = with_key_of(old, place("new"))
    report = restore(new, done.path, done.manifest.taken_at + LATER)
    requests = SqlTickets(stores.sql_engine(new)).list(ACME)
    assert sorted(each.trace_id for each in requests) == ["trace-n", "trace-w"]
    assert report.owed == 2


def test_what_is_written_meanwhile_is_not_half_in_it(old: Settings) -> None:
    engine, other = stores.sql_engine(old), stores.sql_engine(old)
    with copying.snapshot(engine) as snapshot:
        SqlRecords(other).write([made_record("meanwhile")])
        turns, messages = list(snapshot.lines("turns")), list(snapshot.lines("messages"))
    assert not any("meanwhile" in line for line in turns + messages)
    with copying.snapshot(engine) as snapshot:
        assert any("meanwhile" in line for line in snapshot.lines("messages"))


def test_the_archive_is_private_and_holds_no_key(old: Settings, tmp_path: Path) -> None:
    key = (old.data / "master.key").read_text().strip()
    written = tmp_path / "env"
    written.write_text(f"WECOM_BOT_LOG_LEVEL=info\nexport WECOM_BOT_MASTER_KEY={key}\n")
    done = saved(old, tmp_path, settings_file=written, key_folder=tmp_path / "elsewhere")
    assert done.path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(done.path) as written_zip:
        assert all(key.encode() not in written_zip.read(name) for name in written_zip.namelist())
        assert b"WECOM_BOT_LOG_LEVEL=info" in written_zip.read("settings.env")
    copy = tmp_path / "elsewhere" / "master.key"
    assert (copy.read_text().strip(), copy.stat().st_mode & 0o777) == (key, 0o600)


@pytest.mark.parametrize("place", [".", "below", ".."])
def test_the_key_is_not_copied_beside_the_archive(tmp_path: Path, place: str) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with pytest.raises(InvalidInput, match="主密钥不能和备份放在一起"):
        back_up(settings, BackupOrder(tmp_path / "backups", 3, key_folder=tmp_path / "backups" / place))


def test_old_archives_go_and_the_new_one_stays(old: Settings, tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / "backups").mkdir(exist_ok=True)
        (tmp_path / "backups" / f"wecom-bot-2020010{day}T000000Z.zip").touch()
    (tmp_path / "backups" / "wecom-bot-20200101T000000Z.zip.part").touch()
    done = saved(old, tmp_path, keep=3)
    left = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert left == ["wecom-bot-20200104T000000Z.zip", "wecom-bot-20200105T000000Z.zip", done.path.name]


def test_a_backup_that_fails_leaves_nothing_behind(old: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        saved(old, tmp_path, settings_file=tmp_path / "not-there")
    assert list((tmp_path / "backups").iterdir()) == []


def test_every_row_comes_through_as_it_was(sql_engine: sa.Engine) -> None:
    record: TurnRecord = made_record("m1")
    SqlRecords(sql_engine).write([record])
    with copying.snapshot(sql_engine) as snapshot:
        lines = {name: list(snapshot.lines(name)) for name in copying.TABLES}
    with sql_engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(sa.delete(table))
    with copying.filling(sql_engine) as filling:
        for name in copying.TABLES:
            filling.put(name, lines[name])
    with copying.snapshot(sql_engine) as snapshot:
        assert {name: list(snapshot.lines(name)) for name in copying.TABLES} == lines
