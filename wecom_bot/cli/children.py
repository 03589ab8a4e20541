"""What the supervisor watches over: anything that can be started, asked for, and ended."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from wecom_bot import processes


class Child(Protocol):
    """A process, seen by its supervisor."""

    @property
    def name(self) -> str:
        """For the log."""

    def launch(self) -> None:
        """Start it, again if it ended; returns before it is ready. Raises ConfigurationError, OSError."""

    def ready(self) -> bool:
        """Whether those that need it may be started; asked while it runs."""

    def poll(self) -> int | None:
        """Its exit code, negative for the signal that killed it; None while it runs."""

    def why(self) -> str:
        """What it said last, if it can be known."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it now, and whatever it started."""


@dataclass(frozen=True, slots=True)
class Group:
    """Children that are started together, and stopped together within `grace`."""

    children: Sequence[Child]
    grace: timedelta


class Running(Protocol):
    """One run of a program: subprocess.Popen is one."""

    @property
    def pid(self) -> int:
        """Whose it is, also after its end."""

    def poll(self) -> int | None:
        """Its exit code, negative for the signal that killed it; None while it runs."""

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""


def executed(command: Sequence[str], environment: Mapping[str, str], files: Sequence[int]) -> Running:
    """Start a program in a process of its own: it dies with us, and hears no Ctrl-C that is for us. Raises OSError."""
    return subprocess.Popen(  # noqa: S603 - a program of ours
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        pass_fds=files,
        process_group=0,
        preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
    )


def _nothing(_pid: int) -> None:
    pass


@dataclass(slots=True)
class Process:
    """A program. It dies with us, and does not hear the Ctrl-C that is for us."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    files: Sequence[int] = ()
    """Descriptors that it inherits."""
    ended: Callable[[int], None] = _nothing
    """Told the pid of each run, when that is over."""
    stopping: Callable[[], None] | None = None
    """Called before it is asked to end."""
    start: Callable[[Sequence[str], Mapping[str, str], Sequence[int]], Running] = field(default=executed, repr=False)
    """How it is started."""
    _running: Running | None = field(default=None, repr=False)
    _told: int | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running else None

    def launch(self) -> None:
        self._running = self.start(self.command, self.environment, self.files)

    def ready(self) -> bool:
        return True

    def poll(self) -> int | None:
        if self._running is None:
            return 0
        code = self._running.poll()
        if code is not None and self._told != self._running.pid:
            self._told = self._running.pid
            self.ended(self._running.pid)
        return code

    def why(self) -> str:
        return ""

    def terminate(self) -> None:
        if self.stopping:
            self.stopping()
        if self._running:
            self._running.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
