"""Work that goes on beside answering customers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread


@dataclass(slots=True)
class Background:
    """Does `work` again and again, every so often and whenever it is woken, from `start` until `stop`.

    In a thread, or a greenlet where gevent has patched threads: start it after a fork. Long work looks at `stopping`.
    """

    name: str
    work: Callable[[], None]
    every: timedelta
    stopping: bool = False
    _woken: Event = field(init=False, default_factory=Event)
    _thread: Thread | None = field(init=False, default=None)

    @property
    def runs(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._thread is not None

    def start(self) -> None:
        self.stopping = False
        self._thread = Thread(target=self._go_on, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait for the end."""
        self.stopping = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Work now."""
        self._woken.set()

    def _go_on(self) -> None:
        while not self.stopping:
            self._woken.clear()
            self.work()
            self._woken.wait(self.every.total_seconds())
