"""Ends workers that stand still, so that the supervisor starts new ones."""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wecom_bot.cli.children import Process
from wecom_bot.telemetry import logs
from wecom_bot.worker import black_box

log = logs.get(__name__)

_LOOKS = 10  # without a new beat: we look that often within the limit, so that a machine that slept is no stall
_TO_BEGIN = 12  # times the limit, until a worker's first beat: it reads the program, and may wait for its servers
_THEN = 2  # more of them, until what does not hear SIGABRT (SIGSTOP) is killed


@dataclass(slots=True)
class Pulse:
    """Feels the pulse of workers by what they note in `folder`; who has not begun to has longer."""

    workers: Sequence[Process]
    folder: Path
    limit: timedelta
    _seen: dict[int, tuple[float, int]] = field(default_factory=dict)
    _next: float = 0.0

    def look(self) -> float:
        """Look if it is time; seconds until it is again."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self.limit.total_seconds() / _LOOKS
            running = [(worker, worker.pid) for worker in self.workers if worker.poll() is None]
            self._seen = {pid: self._feel(worker, pid) for worker, pid in running if pid is not None}
        return self._next - now

    def _feel(self, worker: Process, pid: int) -> tuple[float, int]:
        box = black_box.box_of(self.folder, pid)
        beat = (black_box.beat_of(box) if box else None) or 0.0
        before, looks = self._seen.get(pid, (0.0, 0))
        if beat != before:
            return beat, 0
        looks += 1
        most = _LOOKS if beat else _LOOKS * _TO_BEGIN
        if looks == most:
            log.error(
                "process.stalled", process=worker.name, still=round(looks * self.limit.total_seconds() / _LOOKS, 1)
            )
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGABRT)
        elif looks == most + _THEN:
            worker.kill()
        return beat, looks
