"""Brings everything back from an archive, into places that hold nothing; and notes what nobody knows since."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path, PurePosixPath

import sqlalchemy as sa

from wecom_bot import processes
from wecom_bot.adapters.files import archive
from wecom_bot.adapters.redis import keepsake as kept
from wecom_bot.adapters.sql import copying
from wecom_bot.adapters.sql.migrate import NEWEST
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.secrets import Cipher, master_key
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.backup import ENTRIES, MEDIA, OWED, OWED_SINCE, TABLES, keepsake
from wecom_bot.domain.job import AnswerMessage, HandOff
from wecom_bot.errors import InvalidInput, TemporaryFailure
from wecom_bot.ports import Entry, TicketOpened
from wecom_bot.service.conversation.unknown_time import owed
from wecom_bot.settings import Settings

_AT_ONCE = 200
_FAST = timedelta(minutes=5)  # by which the clock of the lost machine may have been ahead
_KEY_MISSING = (
    "没有主密钥：把另外保存的 master.key 放进数据目录（0600），或设置 WECOM_BOT_MASTER_KEY，再来"
    " / the master key is missing: put the master.key that you kept into the data folder, or set WECOM_BOT_MASTER_KEY"
)
_KEY_WRONG = (
    "主密钥不是备份时那一把，租户的密钥打不开：换对的那一把，再来"
    " / the master key is another one than when the backup was made, and would not open the tenants' secrets"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back: rows by table, records that had not reached SQL, tickets for work that waited."""

    manifest: archive.Manifest
    rows: dict[str, int]
    entries: int
    owed: int
    pictures: int


def restore(settings: Settings, path: Path, lost_at: datetime) -> Restored:
    """Bring all back. `lost_at` is when the lost machine answered for the last time, at the latest.

    Raises InvalidInput for a damaged or unfit archive, a wrong key and places that are not empty, before anything is
    written; ConfigurationError, TemporaryFailure.
    """
    reader = archive.ArchiveReader(path)
    _fit(reader.manifest, lost_at)
    _past(lost_at)
    reader.prove()
    _within(reader)
    _right_key(settings, reader.manifest)
    with ExitStack() as leaving:
        leaving.callback(os.close, processes.lock(settings.data.absolute()))  # no `serve` meanwhile
        engine = stores.unchecked_engine(settings)
        leaving.callback(engine.dispose)
        _all_empty(settings, engine)
        stores.migrate(settings)
        with copying.filling(engine) as filling:
            rows = {name: filling.put(name, reader.lines(f"{TABLES}{name}.jsonl")) for name in copying.TABLES}
            filling.note(lost_at)
        records = SqlRecords(engine)
        entries = _write(records, _entries(reader))
        return Restored(
            reader.manifest, rows, entries, _write(records, _owed(reader, records)), _pictures(reader, settings)
        )


def note(settings: Settings, lost_at: datetime) -> None:
    """The same for a database that was brought back by other means: note until when nobody knows who was answered.

    Raises InvalidInput while Redis still knows.
    """
    _past(lost_at)
    engine = stores.sql_engine(settings)
    _redis_empty(settings)
    copying.note(engine, lost_at)


def _fit(manifest: archive.Manifest, lost_at: datetime) -> None:
    if manifest.schema_revision != NEWEST:
        raise InvalidInput(
            f"备份的表结构是 {manifest.schema_revision}，本程序要 {NEWEST}：先用版本 {manifest.program} 恢复，再升级"
            f" / the backup is of schema {manifest.schema_revision}: restore it with wecom-bot {manifest.program}, then"
            " upgrade"
        )
    if lost_at < manifest.taken_at:
        raise InvalidInput(
            f"--lost-at 早于备份（{manifest.taken_at:%Y-%m-%d %H:%M:%S}Z）：它是旧机器最后回答的时间"
            " / --lost-at is before the backup: it is when the lost machine answered for the last time"
        )


def _past(lost_at: datetime) -> None:
    """Return unless it is to come: until then the bot would answer nobody."""
    if lost_at > SystemClock().now() + _FAST:
        raise InvalidInput(
            f"--lost-at 还没有到（{lost_at.astimezone():%Y-%m-%d %H:%M:%S%z}）：到那时为止机器人谁也不答；"
            "看看日期和时区 / --lost-at is to come, and until then the bot would answer nobody: check date and zone"
        )


def _within(reader: archive.ArchiveReader) -> None:
    """Return if no picture would be put elsewhere than among the pictures."""
    for name in reader.names(MEDIA):
        if ".." in PurePosixPath(name).parts:
            raise InvalidInput(f"{reader.path}: 里面的名字不对 / holds a name that leads elsewhere: {name!r}")


def _right_key(settings: Settings, manifest: archive.Manifest) -> None:
    given = settings.master_key.get_secret_value()
    if not given and not (settings.data / "master.key").exists():
        raise InvalidInput(_KEY_MISSING)
    if Cipher(master_key(given, settings.data)).key_id.hex() != manifest.key_id:
        raise InvalidInput(_KEY_WRONG)


def _all_empty(settings: Settings, engine: sa.Engine) -> None:
    """Return if nothing of ours is where all is to go: what is there may be newer than the backup."""
    if not copying.is_empty(engine):
        raise InvalidInput(
            "数据库里已有数据，不覆盖：确定不要了就清空它（SQLite：移走数据目录里的 wecom-bot.sqlite3*），再来"
            " / the database is not empty: move it away first, if it is not what you want to keep"
        )
    _redis_empty(settings)
    if any((settings.data / "media").rglob("*")):
        raise InvalidInput(f"{settings.data / 'media'} 里已有文件，不覆盖：移走再来 / is not empty: move it away first")


def _redis_empty(settings: Settings) -> None:
    with keepsake(settings) as looking:
        if looking and not looking.is_empty():
            raise InvalidInput(
                "Redis 里已有数据，不覆盖：确定不要了就清空（内置：移走数据目录里的 valkey/；自己的：FLUSHDB），再来"
                " / Redis is not empty: if nothing of it is to be kept, move valkey/ away, or run FLUSHDB"
            )


def _entries(reader: archive.ArchiveReader) -> Iterator[Entry]:
    for line in _lines(reader, ENTRIES):
        if entry := kept.entry(line.encode()):
            yield entry


def _owed(reader: archive.ArchiveReader, records: SqlRecords) -> Iterator[TicketOpened]:
    """What waited and is not in the record: it was answered since, or it was not."""
    now = SystemClock().now()
    for line in dict.fromkeys([*_lines(reader, OWED), *_lines(reader, OWED_SINCE)]):
        match kept.job(line.encode()):
            case AnswerMessage(message=said) as job if not records.dealt_with(said.conversation, said.message_id):
                yield owed(job, now)
            case HandOff() as job:
                yield owed(job, now)


def _lines(reader: archive.ArchiveReader, name: str) -> Iterator[str]:
    return reader.lines(name) if reader.names(name) else iter(())


def _write(records: SqlRecords, entries: Iterator[Entry]) -> int:
    count = 0
    while some := list(islice(entries, _AT_ONCE)):
        records.write(some)
        count += len(some)
    return count


def _pictures(reader: archive.ArchiveReader, settings: Settings) -> int:
    names = reader.names(MEDIA)
    try:
        for name in names:
            reader.extract(name, settings.data / PurePosixPath(name))
    except OSError as e:
        raise TemporaryFailure(
            f"其余都恢复了，图片没有：{e.filename}: {e.strerror}；腾出空间后从备份里取 media/"
            " / all is back but the pictures: make room, and take media/ out of the archive"
        ) from e
    return len(names)
