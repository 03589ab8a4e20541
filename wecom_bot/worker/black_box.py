"""What a worker leaves behind when it falls: when its hub last turned, what it was doing, and where it stood.

Two small files in a folder that workers of a machine share. The box holds the beat (the machine's monotonic clock) and
the jobs under way; it is locked while its worker lives. The trace is written by `faulthandler`, which asks neither the
hub nor the interpreter: when the hub stands still too long, and at a signal of a crash. A worker that was merely killed
leaves an empty one, and its jobs are nobody's fault. The page cache outlives the process: no write waits for a disk.
"""

import faulthandler
import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import CorpId

_BEAT = struct.Struct("<d")
_HEAD = struct.Struct("<II")  # length and checksum of the jobs: a torn write accuses nobody
_BOX, _TRACE = ".box", ".trace"
_ITSELF = 1.5  # times the limit: who looks after the worker goes first, and can say so
STOPPED = b"stopped from outside\n"


@dataclass(frozen=True, slots=True)
class Held:
    """A job under way: the one at the head of a mailbox. `alone` is whether nothing else was."""

    corp_id: CorpId
    mailbox: str
    head: str
    alone: bool


class BlackBox:
    """This worker's own. Between two beats at most about `limit` may pass, or the process ends."""

    def __init__(self, folder: Path, limit: timedelta) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{os.getpid()}-{uuid4().hex[:8]}"
        new, self._paths = folder / name, [folder / f"{name}{_TRACE}", folder / f"{name}{_BOX}"]
        self._trace, self._box = (
            os.open(each, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600) for each in (self._paths[0], new)
        )
        fcntl.flock(self._box, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(self._paths[1])  # nobody finds it before it is locked
        self._limit = limit.total_seconds() * _ITSELF
        self._held: dict[str, Held] = {}
        faulthandler.enable(self._trace)

    def beat(self) -> None:
        """The hub turns."""
        os.pwrite(self._box, _BEAT.pack(time.monotonic()), 0)
        faulthandler.dump_traceback_later(self._limit, exit=True, file=self._trace)

    def hold(self, lease: Lease, *, alone: bool) -> None:
        """The lease's job begins."""
        self._held[lease.token] = Held(lease.corp_id, lease.mailbox, lease.head, alone)
        self._write()

    def let_go(self, lease: Lease) -> None:
        """It has ended, in whatever way."""
        self._held.pop(lease.token, None)
        self._write()

    def close(self) -> None:
        """Leave nothing behind."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        for path in self._paths:
            path.unlink(missing_ok=True)
        os.close(self._trace)
        os.close(self._box)

    def _write(self) -> None:
        text = json.dumps([asdict(each) for each in self._held.values()]).encode()
        os.pwrite(self._box, _HEAD.pack(len(text), zlib.crc32(text)) + text, _BEAT.size)


@dataclass(frozen=True, slots=True)
class Left:
    """What a worker that is no more left behind. It is ours until `forget`; then it is nobody's."""

    box: Path
    descriptor: int

    @property
    def place(self) -> str | None:
        """Where its hub stood, or crashed: a place in the code; None if it was merely killed."""
        with suppress(OSError):
            lines = self.box.with_suffix(_TRACE).read_text(errors="replace").splitlines()
            places = [line.strip() for line in lines if line.startswith("  File ")]
            return next(iter(places or lines), None)
        return None

    def jobs(self) -> list[Held]:
        """What it was doing."""
        data = os.pread(self.descriptor, self.box.stat().st_size, _BEAT.size)
        if len(data) < _HEAD.size:
            return []
        length, checksum = _HEAD.unpack_from(data)
        text = data[_HEAD.size : _HEAD.size + length]
        return [Held(**each) for each in json.loads(text)] if zlib.crc32(text) == checksum and text else []

    def forget(self) -> None:
        """It was told."""
        self.box.with_suffix(_TRACE).unlink(missing_ok=True)
        self.box.unlink(missing_ok=True)
        os.close(self.descriptor)


def left_in(folder: Path) -> Iterator[Left]:
    """What was left behind by workers that are no more, each told to one asker only."""
    for box in sorted(folder.glob(f"*{_BOX}")):
        with suppress(FileNotFoundError):
            descriptor = os.open(box, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                box.stat()  # somebody may have told it between the two
            except OSError:
                os.close(descriptor)
            else:
                yield Left(box, descriptor)


def beat_of(box: Path) -> float | None:
    """When the hub of a worker last turned, by the machine's monotonic clock; None before it first did."""
    with suppress(OSError, struct.error):
        return float(_BEAT.unpack(box.read_bytes()[: _BEAT.size])[0])
    return None


def box_of(folder: Path, pid: int) -> Path | None:
    """The newest box of a process."""
    found = sorted(folder.glob(f"{pid}-*{_BOX}"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def standing_still(folder: Path, patience: timedelta) -> float | None:
    """For how many seconds the hub of a living worker has not turned, if it is more than `patience`."""
    found = [
        time.monotonic() - beat
        for box in folder.glob(f"*{_BOX}")
        if (beat := beat_of(box)) and _lives(int(box.name.partition("-")[0]))
    ]
    longest = max(found, default=0.0)
    return longest if longest > patience.total_seconds() else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def mark(box: Path) -> None:
    """Note that its worker is ended because it stands still: it may be past writing it down."""
    with suppress(OSError), box.with_suffix(_TRACE).open("ab") as trace:
        trace.write(STOPPED)
