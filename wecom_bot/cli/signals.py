"""Signals for a loop that waits: they are counted, and end the wait."""

import select
import signal
import socket
from types import FrameType, TracebackType
from typing import Any, Self

from wecom_bot import processes

_ASK_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """While open, SIGTERM, SIGINT and SIGHUP are counted instead of ending the process, where we are to heed them."""

    def __init__(self) -> None:
        self.asked = 0
        """How often we were asked to stop."""
        self._before: dict[signal.Signals, Any] = {}
        self._wake_before = -1
        self._reader, self._writer = socket.socketpair()

    def __enter__(self) -> Self:
        self._writer.setblocking(False)  # noqa: FBT003 - the name of the function says what it is
        self._wake_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in processes.heeded(*_ASK_TO_STOP):
            self._before[number] = signal.signal(number, self._count)
        # without something of ours to call, the end of a child would not end a wait
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _nothing)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.set_wakeup_fd(self._wake_before)
        for number, action in self._before.items():
            signal.signal(number, action)
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float) -> None:
        """Return when a signal came, at the latest after that time."""
        if select.select([self._reader], [], [], max(0.0, seconds))[0]:
            self._reader.recv(4096)

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self.asked += 1


def _nothing(_number: int, _frame: FrameType | None) -> None:
    pass
