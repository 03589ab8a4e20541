"""Liveness, readiness and the group's metrics, on the workers' own port. Workers of one machine share it.

Whoever can bind it answers for all; the others try again and again, so that one of them takes over when it dies.
"""

import errno
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import gevent
from gevent import pywsgi

from wecom_bot.telemetry import exposition, logs
from wecom_bot.worker.stillness import Stillness

log = logs.get(__name__)

_TEXT = "text/plain; charset=utf-8"


class HealthPort:
    """`ready` names what is missing, `facts` are what stands beside it.

    `still` tells how long a worker of them stands still, in seconds. Port 0 is none. From `patience` on without a turn
    of our own hub, a thread answers instead.
    """

    def __init__(
        self,
        host: str,
        port: int,
        ready: Callable[[], Sequence[str]],
        metrics: Callable[[], tuple[bytes, str]] = exposition.render,
        again: timedelta = timedelta(seconds=5),
        still: Callable[[], float | None] = lambda: None,
        patience: timedelta = timedelta(seconds=5),
        facts: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        self._facts = facts
        self._still = still
        self._patience = patience.total_seconds()
        self._stillness: Stillness | None = None
        self._address = (host, port)
        self._ready = ready
        self._metrics = metrics
        self._again = again
        self._server: pywsgi.WSGIServer | None = None
        self._holding: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        """Answer, from now on or from when the one who answers now is gone."""
        if self._address[1]:
            self._holding = gevent.spawn(self._hold)

    def stop(self) -> None:
        """Leave the port to the others."""
        if self._holding is not None:
            self._holding.kill()
        if self._stillness is not None:
            self._stillness.stop()
        if self._server is not None:
            self._server.stop(timeout=1)
            self._server = None

    def _hold(self) -> None:
        while True:
            server = pywsgi.WSGIServer(
                self._address, self._answer, log=None, error_log=logging.getLogger("wecom_bot.worker.health")
            )
            try:
                server.start()
            except OSError as e:
                taken = e.errno == errno.EADDRINUSE
                log.log(logging.DEBUG if taken else logging.WARNING, "worker.port_not_ours", error=str(e))
                gevent.sleep(self._again.total_seconds())
            else:
                self._server = server
                self._stillness = Stillness(server.socket.fileno(), self._patience)
                log.info("worker.port_open", host=self._address[0], port=self._address[1])
                return

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/livez":
                status, body, kind = "200 OK", b"ok", _TEXT
                if still := self._still():
                    status, kind = "503 Service Unavailable", "application/json"
                    body = json.dumps({"still": round(still, 1)}).encode()
            case "/readyz":
                missing = list(self._ready())
                status = "503 Service Unavailable" if missing else "200 OK"
                body, kind = json.dumps({"missing": missing, **self._facts()}).encode(), "application/json"
            case "/metrics":
                body, kind = self._metrics()
                status = "200 OK"
            case _:
                status, body, kind = "404 Not Found", b"not found", _TEXT
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]
