"""Copies all that must not be lost into one archive, while the bot goes on.

What is in Redis goes first, then SQL: a record that moves from the one to the other meanwhile is in both, and is kept
once. The other way round it would be in neither. Who waits for an answer is looked for once more at the end: the cursor
in SQL may already be past a message that came into a mailbox after the first look, and nothing would bring it again.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from wecom_bot import __version__, private
from wecom_bot.adapters.files import archive
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.keepsake import RedisKeepsake
from wecom_bot.adapters.sql import copying
from wecom_bot.adapters.sql.migrate import NEWEST
from wecom_bot.adapters.sql.secrets import Cipher, master_key
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap import shared, stores, valkey
from wecom_bot.domain.message import CorpId
from wecom_bot.environment import PREFIX
from wecom_bot.errors import InvalidInput, TemporaryFailure
from wecom_bot.settings import Settings

ENTRIES, OWED, OWED_SINCE = "redis/entries.jsonl", "redis/owed.jsonl", "redis/owed-since.jsonl"
TABLES, MEDIA, SETTINGS = "tables/", "media/", "settings.env"
Look = Callable[[RedisKeepsake, CorpId], Iterator[bytes]]

_KEY_SETTING = f"{PREFIX}MASTER_KEY"


@dataclass(frozen=True, slots=True)
class BackupOrder:
    """What to back up, and where to.

    `keep` archives stay in `folder`. `settings_file` goes into the archive without the master key, a copy of which goes
    into `key_folder` if that is given. Without Redis, what waits there is not in the archive.
    """

    folder: Path
    keep: int
    settings_file: Path | None = None
    key_folder: Path | None = None
    with_redis: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: `counts` are lines by member, `retired` the old archives that were deleted."""

    path: Path
    manifest: archive.Manifest
    retired: list[Path]

    @property
    def counts(self) -> dict[str, int]:
        return {name: member.lines for name, member in self.manifest.members.items() if name.endswith(".jsonl")}


def back_up(settings: Settings, order: BackupOrder) -> Done:
    """Write an archive and prove it. Raises ConfigurationError, InvalidInput, TemporaryFailure; then none is there."""
    if order.key_folder is not None and _one_place(order.folder, order.key_folder):
        raise InvalidInput(
            "主密钥不能和备份放在一起：谁拿到备份，就打得开所有密钥；换一个目录"
            " / the master key must not lie beside the backup: choose another folder for it"
        )
    engine = stores.sql_engine(settings)
    key = master_key(settings.master_key.get_secret_value(), settings.data)
    taken_at = SystemClock().now()
    manifest = archive.Manifest(
        program=__version__, schema_revision=NEWEST, key_id=Cipher(key).key_id.hex(), taken_at=taken_at
    )
    path = archive.named(order.folder, taken_at)
    try:
        with archive.Writer(path, manifest) as writer:
            _all(settings, order, engine, writer)
        if order.key_folder is not None:
            _copy_key(settings, order.key_folder)
        return Done(path, archive.ArchiveReader(path).manifest, archive.retire(order.folder, order.keep))
    except OSError as e:
        raise TemporaryFailure(
            f"没有备份成 / the backup failed: {e.filename or order.folder}: {e.strerror or type(e).__name__}"
        ) from e


def _all(settings: Settings, order: BackupOrder, engine: sa.Engine, writer: archive.Writer) -> None:
    corp_ids = copying.corp_ids(engine)
    if order.with_redis:
        _redis(settings, corp_ids, writer, {ENTRIES: RedisKeepsake.entries, OWED: RedisKeepsake.owed})
    with copying.snapshot(engine) as snapshot:
        for table in copying.TABLES:
            writer.lines(f"{TABLES}{table}.jsonl", snapshot.lines(table))
    for picture in _files(settings.data / "media"):
        writer.file(f"{MEDIA}{picture.relative_to(settings.data / 'media').as_posix()}", picture)
    if order.settings_file is not None:
        writer.lines(SETTINGS, _without_key(order.settings_file))
    if order.with_redis:
        _redis(settings, corp_ids, writer, {OWED_SINCE: RedisKeepsake.owed})


@contextmanager
def keepsake(settings: Settings) -> Iterator[RedisKeepsake | None]:
    """What is in Redis: a server of its own, that of a running `serve`, or one that is started just to be looked at.

    None where there has never been one.
    """
    folder = valkey.folder(settings)
    if settings.redis_url or sockets.is_open(folder):
        yield RedisKeepsake(shared.redis_client_now(shared.found(settings), most=2))
    elif (folder / "appendonlydir").exists():
        with valkey.embedded_in(settings.data) as server:
            own = settings.model_copy(update={"redis_url": server.url})
            yield RedisKeepsake(shared.redis_client_now(own, most=2))
    else:
        yield None


def _redis(settings: Settings, corp_ids: list[CorpId], writer: archive.Writer, looks: Mapping[str, Look]) -> None:
    with keepsake(settings) as looking:
        for name, look in looks.items():
            found = (each.decode() for corp_id in corp_ids if looking for each in look(looking, corp_id))
            writer.lines(name, found)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _without_key(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise InvalidInput(f"{path}: 读不了 / cannot be read: {type(e).__name__}") from e
    for line in lines:
        name = line.partition("=")[0].removeprefix("export").strip()
        yield f"# {_KEY_SETTING}= (kept apart)" if name.upper() == _KEY_SETTING else line


def _one_place(one: Path, other: Path) -> bool:
    one, other = one.resolve(), other.resolve()
    return one == other or one in other.parents or other in one.parents


def _copy_key(settings: Settings, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / "master.key"
    private.prepare(copy)
    if given := settings.master_key.get_secret_value():
        copy.write_text(given + "\n")
    else:
        shutil.copyfile(settings.data / "master.key", copy)
