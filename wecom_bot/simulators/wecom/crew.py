"""Threads that do jobs at their time, a bounded number of them, started as they are needed."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Job = Callable[[], None]


class Crew:
    """Does jobs when they are due, side by side; a job that waits for its time holds no thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._jobs: list[tuple[float, int, Job]] = []
        self._numbers = itertools.count()
        self._threads = 0
        self._idle = 0
        self._closed = False

    def put(self, job: Job, delay: float = 0.0) -> None:
        """Do the job after `delay` seconds."""
        with self._changed:
            heapq.heappush(self._jobs, (time.monotonic() + delay, next(self._numbers), job))
            self._staff()
            self._changed.notify()

    def clear(self) -> None:
        """Forget what was not begun."""
        with self._changed:
            self._jobs.clear()

    def close(self) -> None:
        """Begin nothing more; what was not begun waits for `open`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def open(self) -> None:
        """Go on."""
        with self._changed:
            self._closed = False
            self._staff()

    def _staff(self) -> None:
        """One thread more, if somebody must otherwise wait for a busy one."""
        while not self._closed and self._idle < len(self._jobs) and self._threads < self._most:
            self._threads += 1
            self._idle += 1  # it will be, before it takes its first job
            threading.Thread(target=self._work, daemon=True, name="wecom-callbacks").start()

    def _work(self) -> None:
        try:
            while (job := self._next()) is not None:
                job()
                with self._changed:
                    self._idle += 1
        finally:
            with self._changed:
                self._threads -= 1

    def _next(self) -> Job | None:
        """The next job that is due; waits for it, as an idle thread. None when the crew is closed."""
        with self._changed:
            while not self._closed:
                wait = self._jobs[0][0] - time.monotonic() if self._jobs else None
                if wait is not None and wait <= 0:
                    self._idle -= 1
                    return heapq.heappop(self._jobs)[2]
                self._changed.wait(wait)
            self._idle -= 1
            return None
