"""Fork server (zygote): imports the program once, and forks the processes that run it; what none changes they share.

It is a child of the one that asks, and does nothing else. Who is forked becomes a child of the one that asked, too: it
is waited for, and ends with it, as if started by it. Linux alone can do that: elsewhere programs are started anew.
"""

import atexit
import errno
import os
import pickle
import runpy
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wecom_bot import processes
from wecom_bot.cli.children import Running, executed
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_LONGEST = 1 << 20  # bytes of a request: mostly the environment, of which Linux gives a program no more than 2 MB
_MOST_FILES = 16
_FILES = Path("/proc/self/fd")
_ERRORS = 2  # the number of stderr
# Kept free for files that are sent: what an import opens lies above
_NUMBERS = range(_ERRORS + 1, min(256, os.sysconf("SC_OPEN_MAX") // 2))
_PATIENCE = 60.0  # seconds: imports on a full machine; what stands still for longer is killed
_AT_ONCE = 10.0  # the same where there is nothing to import: who asked looks after nothing meanwhile
_GO = b"."

Errand = Callable[[], object]


@dataclass(slots=True)
class Forked:
    """A child of ours that the fork server has forked."""

    pid: int
    _code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for the signal that killed it; None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


@dataclass(frozen=True, slots=True)
class _ForkRequest:
    """`errand` is done in the fork server itself if it has no `title`, else by a child of that name."""

    errand: Errand
    title: str = ""
    environment: Mapping[str, str] | None = None
    files: Sequence[int] = ()
    """The numbers of the descriptors that come with it, here and there."""


class ForkServer:
    """One of them from the first use on until `close`, and another where it dies. What is asked must be picklable."""

    def __init__(self, at_once: float = _AT_ONCE) -> None:
        """`at_once` is how many seconds it may take to fork once it has imported what it was to."""
        self._at_once = at_once
        self._line: socket.socket | None = None
        self._pid = 0
        self._loads: list[Errand] = []

    def load(self, imports: Errand) -> None:
        """Have it import what those shall share that are forked from now on; returns at once."""
        self._loads.append(imports)
        if self._line:
            self._line.settimeout(_PATIENCE)
            with suppress(OSError):  # it died, which its next use sees to
                _send(self._line, _ForkRequest(imports))

    def fork(self, errand: Errand, files: Sequence[int] = ()) -> int:
        """The pid of a child of ours that does the errand, with no other file of ours if we can. Raises OSError."""
        if sys.platform == "linux":
            try:
                return self._fork(_ForkRequest(errand, "wecom_bot aside", files=files))
            except OSError as e:
                log.warning("fork_server.failed", error=str(e))
        return processes.forked(errand)

    def start(self, command: Sequence[str], environment: Mapping[str, str], files: Sequence[int] = ()) -> Running:
        """A program of ours, `python -m …`, forked or else started anew. Raises OSError."""
        if sys.platform == "linux":
            title = " ".join(command[2:])
            try:
                return Forked(self._fork(_ForkRequest(partial(_run, command[2:]), title, environment, files)))
            except OSError as e:
                log.warning("fork_server.failed", error=str(e))
        return executed(command, environment, files)

    def close(self) -> None:
        """Let it end, and wait until it has; what it forked goes on."""
        if self._line:
            self._line.close()
            self._line = None
            os.kill(self._pid, signal.SIGKILL)  # it may import, or stand still, and leaves nothing behind
            os.waitpid(self._pid, 0)

    def _fork(self, request: _ForkRequest) -> int:
        """Asked twice, for it may have died. Raises OSError."""
        try:
            return self._asked(request)
        except OSError:
            self.close()
        try:
            return self._asked(request)
        except OSError:
            self.close()
            raise

    def _asked(self, request: _ForkRequest) -> int:
        if not set(request.files) <= set(_NUMBERS):
            raise OSError(errno.EBADF, "a file with such a number cannot be sent")
        with processes.adopting():
            line = self._opened()
            _send(line, request)
            answer, waiting, _, _ = socket.recv_fds(line, _LONGEST, 1)
        if not answer:
            raise ConnectionResetError(errno.ECONNRESET, "the fork server has ended")
        line.settimeout(self._at_once)
        for go in waiting:
            os.write(go, _GO)
            os.close(go)
        return int(answer)

    def _opened(self) -> socket.socket:
        if self._line is None:
            self._line, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._line.settimeout(_PATIENCE)
            with there:
                self._pid = processes.forked(partial(_serve, there, os.getpid()))
            for imports in self._loads:
                _send(self._line, _ForkRequest(imports))
        return self._line


def _send(line: socket.socket, request: _ForkRequest) -> None:
    socket.send_fds(line, [pickle.dumps(request)], list(request.files))


def _run(command: Sequence[str]) -> None:
    """What `python -m MODULE ARGUMENT …` does."""
    sys.argv[:] = command
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - a forked process leaves without


def _serve(line: socket.socket, parent: int) -> None:
    """The fork server's life. It waits with nothing that gevent patches: an event loop would be forked, too."""
    _forget(line.fileno())
    processes.entitle("wecom_bot fork-server")
    while True:
        asked, files, _, _ = socket.recv_fds(line, _LONGEST, _MOST_FILES)
        if not asked:
            return
        request: _ForkRequest = pickle.loads(asked)  # noqa: S301 - our own parent's
        if not request.title:
            request.errand()
            continue
        pid, go = _fork_twice(request, files, line, parent)
        for file in files:
            os.close(file)
        socket.send_fds(line, [str(pid).encode()], [go])
        os.close(go)


def _forget(line: int) -> None:
    """Begin as a program that was started anew would: with no file, signal, terminal or farewell of our parent's."""
    os.setpgid(0, 0)  # Ctrl-C is for the one who asks
    atexit._clear()  # noqa: SLF001 - what our parent does at its end is not for those who are forked
    signal.set_wakeup_fd(-1)
    for heeded in processes.heeded(signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(heeded, signal.default_int_handler if heeded is signal.SIGINT else signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would bury our children before we can ask for them
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for file in [int(each.name) for each in _FILES.iterdir()]:
        if file > _ERRORS and file not in (line, nothing):
            with suppress(OSError):  # the one that listed them
                os.close(file)
    for number in _NUMBERS:
        if number not in (line, nothing):
            os.dup2(nothing, number)
    if nothing not in _NUMBERS:  # our parent had more files than that
        os.close(nothing)


def _fork_twice(request: _ForkRequest, files: Sequence[int], line: socket.socket, parent: int) -> tuple[int, int]:
    """The pid of a child of the parent's, and what to write `_GO` to: then it begins, and never if that is closed."""
    (go, let_go), (told, tell) = os.pipe(), os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child == 0:
            for file in (let_go, told, tell):
                os.close(file)
            line.close()
            processes.leave_after(partial(_begin, request, files, go, parent))
        os.setpgid(child, child)
        os.write(tell, str(child).encode())
        os._exit(0)
    os.close(go)
    os.close(tell)
    os.waitpid(between, 0)
    pid = int(os.read(told, 32))
    os.close(told)
    return pid, let_go


def _begin(request: _ForkRequest, files: Sequence[int], go: int, parent: int) -> None:
    if os.read(go, 1) != _GO:
        return  # nobody was told of us: another will do it
    processes.tie(parent)
    os.close(go)
    _renumber(files, request.files)
    if request.environment is not None:
        os.environ.clear()
        os.environ.update(request.environment)
    processes.entitle(request.title)
    request.errand()


def _renumber(files: Sequence[int], numbers: Sequence[int]) -> None:
    """Give the files the numbers that they are known by."""
    for file, number in zip(files, numbers, strict=True):
        os.dup2(file, number)
        os.close(file)
    for number in set(_NUMBERS) - set(numbers):
        with suppress(OSError):  # what was the line's
            os.close(number)
