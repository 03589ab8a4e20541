"""What our processes owe each other: none outlives the one that started it, no two use one folder, none is big in vain.

On Linux the kernel ends them together, however the first one ends. Elsewhere it cannot: after a kill -9 of `serve`
there, end its children by hand.
"""

import ctypes
import errno
import fcntl
import os
import pickle
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from wecom_bot.errors import ConfigurationError, WecomBotError

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ARGUMENTS = 45  # of the fields behind the name in /proc/PID/stat: arg_start, which arg_end follows


@cache
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tie(parent: int) -> None:
    """Let this process be killed when `parent`, which started it, ends; at once if it already has."""
    libc = _libc()
    if libc is None:
        return
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def adopting() -> Iterator[None]:
    """While open, what a child of ours forks becomes ours when that child ends (Linux: child subreaper).

    Raises OSError where that cannot be had.
    """
    libc = _libc()
    if libc is None:
        raise OSError(errno.ENOSYS, "only Linux has child subreapers")
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1):  # a sandbox (seccomp) may forbid it
        raise OSError(ctypes.get_errno(), "this process may not become a child subreaper")
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0)


def entitle(words: str) -> None:
    """Show these words in the place of our command line, as far as there is room: for `ps`, where it lies on Linux."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[_ARGUMENTS]), int(fields[_ARGUMENTS + 1])
    if room := end - start:
        ctypes.memmove(start, words.encode()[: room - 1].ljust(room, b"\0"), room)


def before_exec() -> Callable[[], None]:
    """The same for a `preexec_fn`: looks everything up now, so that between fork and exec only system calls remain.

    The kernel means the thread that forks, not the process: start such children from a thread that stays.
    """
    _libc()
    return partial(tie, os.getpid())


def heeded(*numbers: signal.Signals) -> list[signal.Signals]:
    """Those of these requests to end that are meant for us.

    What our parent has us ignore stays ignored, as is custom: under `nohup` we outlive the terminal's hangup, and as a
    job in the background of a script we do not hear the script's Ctrl-C. SIGTERM is always heard.
    """
    return [each for each in numbers if each is signal.SIGTERM or signal.getsignal(each) is not signal.SIG_IGN]


def lock(folder: Path, patience: timedelta = timedelta(seconds=2)) -> int:
    """Make the folder, and take it for as long as the returned descriptor is open, here or in a child that inherits it.

    There is no lock file that could stay behind. `patience` is what a killed predecessor may need to let go.
    Raises ConfigurationError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as e:
        raise ConfigurationError(f"WECOM_BOT_DATA: {folder} 不能用 / cannot be used: {e}") from e
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            if isinstance(e, BlockingIOError) and time.monotonic() < deadline:
                time.sleep(0.01)
                continue
            os.close(descriptor)
            raise ConfigurationError(
                f"WECOM_BOT_DATA: 另一个进程正在用 {folder} / another process uses this folder: {e}"
            ) from e
        return descriptor


def forked(errand: Callable[[], object], _files: Sequence[int] = ()) -> int:
    """The pid of a child that does the errand and ends, with all that we have."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        tie(parent)
        leave_after(errand)
    return child


def leave_after(errand: Callable[[], object]) -> NoReturn:
    """The rest of a forked process: the errand, and its exit status as a program's would be.

    It leaves without cleaning up: what there is to clean up is its parent's.
    """
    status = 1
    try:
        errand()
        status = 0
    except SystemExit as e:
        status = _told(e)
    except KeyboardInterrupt:
        pass  # which our parent got, too
    except Exception:  # noqa: BLE001 - a bug, of which nobody else would say anything
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _told(end: SystemExit) -> int:
    """The status that Python makes of it."""
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    sys.stderr.write(f"{end.code}\n")
    return 1


class Aside:
    """Does a generator's steps in a forked process, which takes along whatever it had to import for them.

    What a step yields comes here, and so does a WecomBotError; both have to be picklable, and where another process
    forks, the steps, too. For a process that stays, and wants to be small.
    """

    def __init__(
        self, steps: Callable[[], Iterator[Any]], fork: Callable[[Callable[[], object], Sequence[int]], int] = forked
    ) -> None:
        self._here, there = socket.socketpair()
        with there:
            line = there.fileno()
            self._child = fork(partial(_answer_each, line, steps), [line])
        self._answers = self._here.makefile("rb")

    def next(self) -> Any:  # noqa: ANN401 - whatever the step yields
        """What the next step yields. Raises what it raised; SystemExit where the process ended, which has said why."""
        with suppress(BrokenPipeError):
            self._here.sendall(_GO_ON)
        try:
            failure, found = pickle.load(self._answers)  # noqa: S301 - our own child's
        except (EOFError, ConnectionResetError):
            raise SystemExit(1) from None
        if failure is not None:
            raise failure
        return found

    def close(self) -> None:
        """Let it end, and wait until it has."""
        with suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)  # a forked child may hold this end, too
        self._answers.close()
        self._here.close()
        os.waitpid(self._child, 0)


_GO_ON = b"."


def _answer_each(line: int, steps: Callable[[], Iterator[Any]]) -> None:
    todo = steps()
    with open(line, "wb") as answers:
        while os.read(line, 1):
            try:
                answer: tuple[WecomBotError | None, Any] = (None, next(todo, None))
            except WecomBotError as e:
                answer = (e, None)
            pickle.dump(answer, answers)
            answers.flush()
