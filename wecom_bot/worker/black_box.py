"""Flight recorder and watchdog (black box): what a worker leaves behind when it falls.

That is when its hub (event loop) last turned, where it stood, and which job it was computing.

One small file in a folder that workers of a machine share, locked while its worker lives: the heartbeat (the machine's
monotonic clock), and behind it a trace that `faulthandler` writes, which asks neither the hub nor the interpreter: when
the hub stands still too long, and at a signal of a crash. A worker that was merely killed leaves no trace, and its jobs
are nobody's fault. The page cache outlives the process: no write waits for a disk.

It is named for one life of a process, which leases under this name: a lock that is free proves that life over, and then
what was leased goes on at once. It proves that on its own machine only, for a folder that several machines share may
show each of them no locks but its own; so the name tells the machine, too.
"""

import faulthandler
import fcntl
import hashlib
import os
import platform
import re
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import cast
from urllib.parse import quote, unquote
from uuid import uuid4

from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import CorpId

_BEAT = struct.Struct("<d")
_BOX = ".box"
_ITSELF = 1.5  # times the limit: who looks after the worker goes first, and can say so
_SILENT = 600.0  # seconds without a word, after which a worker of another machine is no more: the clocks may differ
_STACK = "(most recent call first):"
_FRAME = re.compile(r'^  (File ".*", line \d+) in (.*)$', re.MULTILINE)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_JOB = re.compile(r"job (\S+) (\S+)")  # blanks: no function of anybody's is called so


class BlackBox:
    """This worker's own. Between two beats at most about `limit` may pass, or the process ends."""

    def __init__(self, folder: Path, limit: timedelta) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.life = f"{os.getpid()}-{_machine()}-{uuid4().hex}"
        """A name that no other process bears or ever bore."""
        new = folder / self.life
        self._path = new.with_suffix(_BOX)
        self._file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(self._file, _BEAT.pack(0.0))  # the trace begins behind it
        new.rename(self._path)  # nobody finds it before it is locked
        self._limit = limit.total_seconds() * _ITSELF
        # a thread that crashes is not the fault of the job that the hub was at
        faulthandler.enable(self._file, all_threads=False)

    def beat(self) -> None:
        """The hub turns."""
        os.pwrite(self._file, _BEAT.pack(time.monotonic()), 0)
        faulthandler.dump_traceback_later(self._limit, exit=True, file=self._file)

    def close(self, *, owing: bool = False) -> None:
        """Leave nothing behind; or, if we owe leases that could not be given back, the word that we are no more."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        if not owing:
            self._path.unlink(missing_ok=True)
        os.close(self._file)


@cache
def _machine() -> str:
    """The kernel that runs, whose processes see each other's locks."""
    try:
        name = _BOOT.read_text()
    except OSError:
        name = platform.node()
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _is_of_here(box: Path) -> bool:
    """Whether its worker runs, or ran, on this machine: with another's clock and processes it has nothing to do."""
    return box.stem.split("-")[1:-1] == [_machine()]


def caller(lease: Lease) -> Callable[[Callable[[Lease], Lease | None], Lease], Lease | None]:
    """A function that calls another, and bears the name of the lease's job in every trace.

    Of all greenlets a trace shows the one that was computing, by the names of its functions: so it tells whose job it
    was, and noting that costs nothing at the switches between greenlets. Deeper than the hundred frames that
    `faulthandler` writes it is not seen; then nobody is accused. A name holds no customer, and stays far below the 500
    ASCII characters that are written of it.
    """
    name = f"job {quote(lease.corp_id, safe='')} {quote(lease.head, safe='')}"
    return cast(
        "Callable[[Callable[[Lease], Lease | None], Lease], Lease | None]",
        FunctionType(_call.__code__.replace(co_name=name, co_qualname=name), _call.__globals__),
    )


def _call(verb: Callable[[Lease], Lease | None], lease: Lease) -> Lease | None:
    return verb(lease)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a worker that is no more left behind. It is ours until `forget` or `put_back`."""

    box: Path
    descriptor: int

    @property
    def fall(self) -> str:
        """A name of its own for this end of a worker."""
        return self.box.stem

    @property
    def life(self) -> str | None:
        """The name under which it leased; None where another machine, or an older version, may have written it."""
        return self.box.stem if _is_of_here(self.box) else None

    @property
    def may_live(self) -> bool:
        """Whether a worker of another machine may stand behind it, whose lock is not seen here: it wrote just now."""
        return not self.life and not self._trace() and time.time() - os.fstat(self.descriptor).st_mtime < _SILENT

    @property
    def place(self) -> str | None:
        """Where its hub stood, or crashed: a place in the code; None if it was merely killed."""
        if frames := self._frames():
            return frames[0][0]
        return "outside of Python" if self._trace() else None

    @property
    def job(self) -> tuple[CorpId, str] | None:
        """The tenant and the head (Lease.head) of the job that it was computing; None if it was at none."""
        found = [each for _, name in self._frames() if (each := _JOB.fullmatch(name))]
        return (CorpId(unquote(found[0][1])), unquote(found[0][2])) if found else None

    def forget(self) -> None:
        """It was told."""
        self.box.unlink(missing_ok=True)
        os.close(self.descriptor)

    def put_back(self) -> None:
        """It could not be told: whoever looks next may try."""
        os.close(self.descriptor)

    def _trace(self) -> str:
        size = os.fstat(self.descriptor).st_size
        return os.pread(self.descriptor, size, _BEAT.size).decode(errors="replace")

    def _frames(self) -> list[tuple[str, str]]:
        """Places and names, the innermost first. The main thread, where the hub is, is written last."""
        return _FRAME.findall(self._trace().rpartition(_STACK)[2])


def left_in(folder: Path) -> Iterator[LeftBehind]:
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
                left = LeftBehind(box, descriptor)
                if left.may_live:
                    left.put_back()
                else:
                    yield left


def beat_of(box: Path) -> float | None:
    """When the hub of a worker last turned, by the machine's monotonic clock; None before it first did."""
    with suppress(OSError, struct.error):
        return float(_BEAT.unpack(box.read_bytes()[: _BEAT.size])[0])
    return None


def box_of(folder: Path, pid: int) -> Path | None:
    """The newest box of a process."""
    found = sorted(folder.glob(f"{pid}-{_machine()}-*{_BOX}"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def standing_still(folder: Path, patience: timedelta) -> float | None:
    """For how many seconds the hub of a living worker has not turned, if it is more than `patience`."""
    found = [
        time.monotonic() - beat
        for box in folder.glob(f"*{_BOX}")
        if _is_of_here(box) and (beat := beat_of(box)) and _lives(int(box.name.partition("-")[0]))
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
