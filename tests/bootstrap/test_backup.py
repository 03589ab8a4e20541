"""Backup and restore: all comes back, into empty places alone, under the right key, and whole."""

import socket
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contracts.test_records import ACME, made_record
from tests.fixtures.sql_servers import fresh_database
from tests.fixtures.tenant_files import ACME as ACME_TOML
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.connection import connect as redis_connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.adapters.sql import copying, schema
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.requests import SqlRequests
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.backup import Done, Order, back_up
from wecom_bot.bootstrap.restore import restore
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import TurnRecord
from wecom_bot.service.onboarding import ImportTenants
from wecom_bot.settings import Settings

LATER = timedelta(minutes=1)


@pytest.fixture
def place(tmp_path: Path, sql_url: str) -> Iterator[Callable[[str], Settings]]:
    """Makes places to keep all in: a data folder, and a database of the kind that is tested."""
    databases: list[Any] = []

    def made(name: str) -> Settings:
        folder = tmp_path / name
        given: dict[str, Any] = {"data": folder}
        if not sql_url.startswith("sqlite"):
            databases.append(fresh_database(sql_url))
            given["database_url"] = databases[-1].__enter__()
        return Settings(_env_file=None, **given)

    yield made
    for each in databases:
        each.__exit__(None, None, None)


@pytest.fixture
def old(place: Callable[[str], Settings], tmp_path: Path) -> Settings:
    """A place with a tenant, two turns, an order, a picture and work in its Valkey."""
    settings = place("old")
    stores.migrate(settings)
    engine = stores.sql_engine(settings)
    (tmp_path / "tenants.toml").write_text(ACME_TOML)
    list(ImportTenants(stores.tenant_store(settings, engine))(stores.read_tenants(tmp_path / "tenants.toml")))
    SqlRecords(engine).write([made_record("m1", "m2"), made_record("m3", at=datetime.now(UTC))])
    engine.dispose()
    picture = settings.data / "media" / ACME / "floor.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"\x89PNG picture")
    with EmbeddedValkey(settings.data / "valkey") as server:
        client = redis_connect(server.url, timeout=timedelta(seconds=5), most=4)
        inbox = RedisInbox(client, 100)
        inbox.put(ACME, [AnswerMessage(message("closing"), "trace-c")])
        lease = inbox.lease("tester", timedelta(minutes=1), timedelta(seconds=1))
        assert lease is not None
        record = made_record("closing")
        RedisLedger(client, SystemClock()).close(lease, record.turn, answered=True)  # on its way to SQL
        inbox.done(lease)
        inbox.put(ACME, [AnswerMessage(message("waits"), "trace-w"), AnswerMessage(message("m1"), "trace-m")])
        client.close()
    return settings


def message(message_id: str) -> Any:
    return replace(made_record(message_id).turn.messages[0], text="还在等")


def saved(settings: Settings, tmp_path: Path, **how: Any) -> Done:
    return back_up(settings, Order(tmp_path / "backups", **({"keep": 3} | how)))


def with_key_of(old: Settings, new: Settings) -> Settings:
    new.data.mkdir(mode=0o700)
    (new.data / "master.key").write_text((old.data / "master.key").read_text())
    (new.data / "master.key").chmod(0o600)
    return new


def contents(settings: Settings) -> dict[str, list[str]]:
    engine = stores.sql_engine(settings)
    with copying.snapshot(engine) as snapshot:
        found = {name: sorted(snapshot.lines(name)) for name in copying.TABLES}
    engine.dispose()
    return found


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
    (request,) = SqlRequests(records.engine).list(ACME)  # not m1, which the record knows
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


def test_it_is_not_written_over_what_is_there(old: Settings, tmp_path: Path) -> None:
    done = saved(old, tmp_path)
    with pytest.raises(InvalidInput, match="数据库里已有数据"):
        restore(old, done.path, done.manifest.taken_at + LATER)


@pytest.mark.parametrize("what", ["valkey", "media"])
def test_nor_beside_work_or_pictures(
    old: Settings, place: Callable[[str], Settings], tmp_path: Path, what: str
) -> None:
    done = saved(old, tmp_path)
    new = with_key_of(old, place("new"))
    (old.data / what).rename(new.data / what)
    with pytest.raises(InvalidInput, match="不覆盖"):
        restore(new, done.path, done.manifest.taken_at + LATER)
    assert copying.is_empty(stores.unchecked_engine(new))


def test_it_needs_the_key_of_then(old: Settings, place: Callable[[str], Settings], tmp_path: Path) -> None:
    done = saved(old, tmp_path)
    new = place("new")
    with pytest.raises(InvalidInput, match="没有主密钥"):
        restore(new, done.path, done.manifest.taken_at + LATER)
    stores.tenant_store(new, stores.unchecked_engine(new))  # makes another
    with pytest.raises(InvalidInput, match="不是备份时那一把"):
        restore(new, done.path, done.manifest.taken_at + LATER)


def test_a_loss_before_the_backup_is_a_mistake(old: Settings, place: Callable[[str], Settings], tmp_path: Path) -> None:
    done = saved(old, tmp_path)
    with pytest.raises(InvalidInput, match="--lost-at"):
        restore(with_key_of(old, place("new")), done.path, done.manifest.taken_at - LATER)


def test_a_damaged_archive_is_refused_before_anything_is_written(
    old: Settings, place: Callable[[str], Settings], tmp_path: Path
) -> None:
    done = saved(old, tmp_path)
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(done.path) as whole, zipfile.ZipFile(damaged, "w") as copy:
        for name in whole.namelist():
            copy.writestr(name, whole.read(name) + (b" " if name == "tables/turns.jsonl" else b""))
    new = with_key_of(old, place("new"))
    with pytest.raises(InvalidInput, match="已损坏"):
        restore(new, damaged, done.manifest.taken_at + LATER)
    assert copying.is_empty(stores.unchecked_engine(new))
    half = tmp_path / "half.zip"
    half.write_bytes(done.path.read_bytes()[:-200])
    with pytest.raises(InvalidInput, match="已损坏"):
        restore(new, half, done.manifest.taken_at + LATER)


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
    with zipfile.ZipFile(done.path) as archive:
        assert all(key.encode() not in archive.read(name) for name in archive.namelist())
        assert b"WECOM_BOT_LOG_LEVEL=info" in archive.read("settings.env")
    copy = tmp_path / "elsewhere" / "master.key"
    assert (copy.read_text().strip(), copy.stat().st_mode & 0o777) == (key, 0o600)


@pytest.mark.parametrize("place", [".", "below", ".."])
def test_the_key_is_not_copied_beside_the_archive(tmp_path: Path, place: str) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with pytest.raises(InvalidInput, match="主密钥不能和备份放在一起"):
        back_up(settings, Order(tmp_path / "backups", 3, key_folder=tmp_path / "backups" / place))


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
