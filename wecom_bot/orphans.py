"""No process of ours outlives the one that started it, however that one ends.

On Linux the kernel sees to it. Elsewhere it cannot: after a kill -9 of `serve` there, end its children by hand.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import cache, partial

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
