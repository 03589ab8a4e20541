"""A gateway that stops ends the waits of idle connections, and disturbs nobody who has just become busy."""

from typing import Any

import gevent
import pytest
from gevent.event import Event

from wecom_bot.web.gunicorn_worker import GunicornWorker


class Connection:
    """A connection between two requests: `came` is when the next one does."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self.came, self.going_on = Event(), Event()
        self.end = ""
        self.greenlet = gevent.spawn(self._wait)

    def _wait(self) -> None:
        me = gevent.getcurrent()
        limit = gevent.Timeout(3600, False)  # type: ignore[arg-type] # noqa: FBT003 - as the worker makes it
        with limit:
            self._worker._idle[me] = limit  # noqa: SLF001
            try:
                self.came.wait()
            finally:
                del self._worker._idle[me]  # noqa: SLF001
            self.end = "served"
        if not self.end:
            self.end = "closed"
            return
        self.going_on.wait()
        self.end = "answered"


@pytest.fixture
def worker() -> Any:
    made: Any = GunicornWorker.__new__(GunicornWorker)
    made._idle = {}  # noqa: SLF001
    return made


def test_who_is_idle_is_closed(worker: Any) -> None:
    connection = Connection(worker)
    gevent.sleep(0)
    worker._dismiss()  # noqa: SLF001
    connection.greenlet.join()
    assert connection.end == "closed"


def test_who_gets_a_request_in_the_same_moment_is_answered(worker: Any) -> None:
    connection = Connection(worker)
    gevent.sleep(0)
    connection.came.set()
    worker._dismiss()  # noqa: SLF001 - it is still among the idle now, and no longer when its turn comes
    gevent.sleep(0)
    gevent.sleep(0)
    connection.going_on.set()
    connection.greenlet.join()
    assert connection.end == "answered"
