"""What our processes owe each other: none outlives the one that started it, no two use one folder, none is big in vain.

On Linux the kernel ends them together, however the first one ends. Elsewhere it cannot: after a kill -9 of `serve`
there, end its children by hand.
"""

import ctypes
import fcntl
import os
import pickle
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from wecom_bot.errors import ConfigurationError, WecomBotError

_PR_SET_PDEATHSIG = 1


@cache
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def tie(parent: int) -> None:
    """Let this process be killed when `parent`, which started it, ends; at once if it already has."""
    libc = _libc()
    if libc is None:
        return
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), signal.SIGKILL)


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


class Aside:
    """Does a generator's steps in a forked process, which takes along whatever it had to import for them.

    What a step yields comes here, and so does a WecomBotError; both have to be picklable. For a process that stays, and
    wants to be small.
    """

    def __init__(self, steps: Callable[[], Iterator[Any]]) -> None:
        self._here, there = socket.socketpair()
        parent = os.getpid()
        self._child = os.fork()
        if self._child == 0:
            tie(parent)
            self._here.close()
            _answer_each(there, steps)
        there.close()
        self._answers = self._here.makefile("rb")

    def next(self) -> Any:  # noqa: ANN401 - whatever the step yields
        """What the next step yields. Raises what it raised; SystemExit where the process ended, which has said why."""
        self._here.sendall(_GO_ON)
        try:
            failure, found = pickle.load(self._answers)  # noqa: S301 - our own child's
        except EOFError:
            raise SystemExit(1) from None
        if failure is not None:
            raise failure
        return found

    def close(self) -> None:
        """Let it end, and wait until it has."""
        self._answers.close()
        self._here.close()
        os.waitpid(self._child, 0)


_GO_ON = b"."


def _answer_each(there: socket.socket, steps: Callable[[], Iterator[Any]]) -> NoReturn:
    """A child's whole life. It leaves without cleaning up: what there is to clean up is its parent's."""
    status = 1
    try:
        todo = steps()
        while there.recv(1):
            try:
                answer: tuple[WecomBotError | None, Any] = (None, next(todo, None))
            except WecomBotError as e:
                answer = (e, None)
            there.sendall(pickle.dumps(answer))
        status = 0
    except KeyboardInterrupt:
        pass  # which our parent got, too
    except Exception:  # noqa: BLE001 - a bug, of which nobody else would say anything
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
