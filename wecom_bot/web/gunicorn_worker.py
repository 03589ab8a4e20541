"""gunicorn's gevent worker, which does not wait for nobody when it stops."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

_LOOK = 0.1
# A request that is just coming in over an old connection is read within that.
_LAST_CALL = 0.5


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Requests under way are finished within graceful_timeout; idle connections of a proxy are closed.

    gunicorn's own counts those as requests: every stop behind nginx would take all of graceful_timeout.
    """

    def init_process(self) -> None:
        self._idle: dict[Any, gevent.Timeout] = {}  # by greenlet
        super().init_process()

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for a connection's next request."""
        # False is gevent's word for "end the block silently"; its types do not know
        limit = gevent.Timeout(self.cfg.keepalive, False)  # type: ignore[arg-type] # noqa: FBT003
        waiting = gevent.getcurrent()
        with limit:
            self._idle[waiting] = limit
            try:
                yield
            finally:
                del self._idle[waiting]

    def run(self) -> None:
        gevent.spawn(self._close_idle)
        super().run()

    def _close_idle(self) -> None:
        while self.alive:
            gevent.sleep(_LOOK)
        while True:  # what is busy now will be idle when it is answered
            gevent.sleep(_LAST_CALL)
            for waiting, limit in list(self._idle.items()):
                waiting.kill(limit, block=False)  # as if its time were up
