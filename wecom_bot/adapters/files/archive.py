"""One archive of a backup: a ZIP with a manifest that says what is in it, how old it is, and proves each member.

It holds what customers wrote, as they wrote it: 0600, and under its name only once it is whole and was read back.
"""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import BaseModel, ValidationError

from wecom_bot import private
from wecom_bot.errors import InvalidInput

_MANIFEST = "manifest.json"
_FORM = 1
_PIECE = 1 << 20
_BROKEN = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)  # RuntimeError: of a locked one
_NAME, _SUFFIX, _DRAFT = "wecom-bot-", ".zip", ".part"


class Member(BaseModel):
    """What proves a member; `lines` where it is a text."""

    sha256: str
    size: int
    lines: int = 0


class Manifest(BaseModel):
    """What an archive says of itself.

    `taken_at` is the moment whose state it holds at least; `schema_revision` that of its tables, `program` who wrote
    it, `key_id` which master key opens its tenants' secrets.
    """

    form: int = _FORM
    program: str
    schema_revision: str
    key_id: str
    taken_at: datetime
    members: dict[str, Member] = {}


@dataclass
class Writer:
    """Writes an archive into a folder; `close` proves it, and gives it its name."""

    path: Path
    manifest: Manifest
    _members: dict[str, Member] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._draft = self.path.with_name(self.path.name + _DRAFT)
        self._draft.unlink(missing_ok=True)
        private.prepare(self._draft)
        self._zip = zipfile.ZipFile(self._draft, "w", zipfile.ZIP_DEFLATED)
        return self

    def lines(self, name: str, lines: Iterable[str]) -> int:
        """A text, line by line; how many."""
        with self._member(name) as (to, proof):
            for line in lines:
                proof.add(to, line.encode() + b"\n")
                proof.lines += 1
        return proof.lines

    def file(self, name: str, path: Path) -> None:
        """A copy of a file."""
        with self._member(name) as (to, proof), path.open("rb") as source:
            while piece := source.read(_PIECE):
                proof.add(to, piece)

    @contextmanager
    def _member(self, name: str) -> Iterator[tuple[IO[bytes], "_Proof"]]:
        proof = _Proof()
        with self._zip.open(name, "w", force_zip64=True) as to:
            yield to, proof
        self._members[name] = proof.member()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
            else:
                with suppress(OSError):  # what failed is raised already, and a full disk fails again
                    self._zip.close()
        finally:
            self._draft.unlink(missing_ok=True)

    def _finish(self) -> None:
        manifest = self.manifest.model_copy(update={"members": self._members})
        self._zip.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
        self._zip.close()
        with self._draft.open("rb") as whole:
            os.fsync(whole.fileno())
        ArchiveReader(self._draft).prove()
        self._draft.rename(self.path)


class ArchiveReader:
    """Reads an archive. Raises InvalidInput for what is none, or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = Manifest.model_validate_json(self._zip.read(_MANIFEST))
        except (*_BROKEN, KeyError, ValidationError) as e:
            raise InvalidInput(f"{path}: 不是备份，或已损坏 / is no backup, or is damaged ({type(e).__name__})") from e
        if self.manifest.form != _FORM:
            raise InvalidInput(f"{path}: 由更新的版本写成 / was written by a newer wecom-bot: {self.manifest.program}")

    def names(self, folder: str) -> list[str]:
        """The members below a folder."""
        return [name for name in self.manifest.members if name.startswith(folder)]

    def prove(self) -> None:
        """Read all of it, and return if it is what the manifest says."""
        there = {name for name in self._zip.namelist() if name != _MANIFEST}
        if there != self.manifest.members.keys():
            raise self._damaged("manifest")
        for name, member in self.manifest.members.items():
            found = _Proof()
            try:
                with self._zip.open(name) as source:
                    while piece := source.read(_PIECE):
                        found.add(None, piece)
            except _BROKEN as e:
                raise self._damaged(name) from e
            if found.member().sha256 != member.sha256:
                raise self._damaged(name)

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a text."""
        with self._zip.open(name) as source:
            for line in source:
                yield line.decode().rstrip("\n")

    def extract(self, name: str, to: Path) -> None:
        """A member as a file, which its owner alone may read."""
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        private.prepare(to)
        with self._zip.open(name) as source, to.open("wb") as copy:
            while piece := source.read(_PIECE):
                copy.write(piece)

    def _damaged(self, name: str) -> InvalidInput:
        return InvalidInput(f"{self.path}: 已损坏，用别的备份 / is damaged, use another backup: {name}")


@dataclass
class _Proof:
    lines: int = 0
    _size: int = 0
    _sum: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, to: IO[bytes] | None, piece: bytes) -> None:
        if to is not None:
            to.write(piece)
        self._sum.update(piece)
        self._size += len(piece)

    def member(self) -> Member:
        return Member(sha256=self._sum.hexdigest(), size=self._size, lines=self.lines)


def named(folder: Path, at: datetime) -> Path:
    """The path of the archive of that moment: names in order are archives in order."""
    return folder / f"{_NAME}{at:%Y%m%dT%H%M%S}Z{_SUFFIX}"


def retire(folder: Path, keep: int) -> list[Path]:
    """Delete the archives that are older than the newest `keep`, and drafts that nobody finished; which."""
    archives = sorted(folder.glob(f"{_NAME}*{_SUFFIX}"))
    gone = [*archives[: max(0, len(archives) - keep)], *folder.glob(f"{_NAME}*{_SUFFIX}{_DRAFT}")]
    for path in gone:
        path.unlink()
    return gone
