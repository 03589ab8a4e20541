"""What is not restored: over what is there, under another key, or out of what is no whole backup."""

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures.kept_places import LATER, saved, with_key_of
from wecom_bot.adapters.files import archive
from wecom_bot.adapters.sql import copying
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.restore import restore
from wecom_bot.errors import InvalidInput
from wecom_bot.settings import Settings


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


def test_a_loss_that_is_to_come_is_a_mistake_for_nobody_would_be_answered(
    old: Settings, place: Callable[[str], Settings], tmp_path: Path
) -> None:
    done = saved(old, tmp_path)
    new = with_key_of(old, place("new"))
    with pytest.raises(InvalidInput, match="还没有到"):
        restore(new, done.path, datetime.now(UTC) + timedelta(hours=8))
    assert copying.is_empty(stores.unchecked_engine(new))


def test_an_archive_of_nonsense_is_damaged(old: Settings, place: Callable[[str], Settings], tmp_path: Path) -> None:
    done = saved(old, tmp_path)
    with zipfile.ZipFile(done.path) as whole:
        begin = whole.getinfo("tables/turns.jsonl").header_offset + 80
    content = bytearray(done.path.read_bytes())
    content[begin : begin + 40] = b"\xff" * 40
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content)
    with pytest.raises(InvalidInput, match="已损坏"):
        restore(with_key_of(old, place("new")), broken, done.manifest.taken_at + LATER)


def test_no_picture_is_put_elsewhere(old: Settings, place: Callable[[str], Settings], tmp_path: Path) -> None:
    manifest = saved(old, tmp_path).manifest.model_copy(update={"members": {}})
    with archive.Writer(tmp_path / "crafted.zip", manifest) as writer:
        writer.file("media/../../elsewhere", old.data / "master.key")
    new = with_key_of(old, place("new"))
    with pytest.raises(InvalidInput, match="leads elsewhere"):
        restore(new, tmp_path / "crafted.zip", manifest.taken_at + LATER)
    assert copying.is_empty(stores.unchecked_engine(new))
    assert not (tmp_path / "elsewhere").exists()


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
