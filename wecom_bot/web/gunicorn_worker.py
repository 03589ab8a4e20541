"""gunicorn's gevent worker, in which no connection is served at another's cost, and which waits for nobody to stop."""

import resource
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import gevent
from gevent.lock import BoundedSemaphore
from gevent.server import StreamServer
from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.ggevent import GeventWorker

from wecom_bot import startup
from wecom_bot.errors import ConfigurationError
from wecom_bot.web import direct, posted
from wecom_bot.web.limits import Limits
from wecom_bot.web.wire import GatewayWire, TooMuch, TooSlow

_LOOK = 0.1
# A request that is just coming in over an old connection is read within that.
_LAST_CALL = 0.5
# Just not nothing: a timer takes a whole round of the hub, in which all other connections are looked at.
_PAUSE = 1e-6
_CROWD = 0.75  # of the places; half of them may be taken by who only waits
_FILES = 4096
_OTHER_FILES = 256  # Redis, SQL, the metrics
_LEAST = 64  # connections: with fewer a proxy's idle ones alone would be closed again and again

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class GunicornWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Every connection gets its turn, and nobody more than theirs.

    - Head and body are read within seconds (`wire`, `posted`) and before a request counts among the
      `worker_connections` under way. Many more connections may be open; when most of those wait for a stranger, the
      one that has waited longest is closed. When nearly all places are taken none is kept after its answer, for who
      asks again and again would never make room.
    - One connection is accepted at a time, and between two requests of the same connection the hub has its turn. Who
      was refused waits in a line of its own, through which all of them go one by one.
    - When it stops, requests under way are finished within graceful_timeout; idle connections of a proxy are closed.
      gunicorn's own counts those as requests: every stop behind nginx would take all of graceful_timeout.
    """

    limits = Limits()
    most_open = 2048  # connections; half that have sent nothing to act on are more than a proxy keeps

    def init_process(self) -> None:
        self._idle: dict[Any, gevent.Timeout] = {}  # by greenlet
        self._wires: dict[Any, GatewayWire] = {}  # by greenlet
        self._waiting: dict[GatewayWire, None] = {}  # for something to come in; the longest first
        self._under_way = BoundedSemaphore(self.cfg.worker_connections)
        self._refused = BoundedSemaphore(1)
        self.worker_connections = min(self.most_open, _room())
        self.server_class = self._server
        super().init_process()

    def patch(self) -> None:
        startup.patch_all()  # quickly what gunicorn will find done
        super().patch()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._callbacks: direct.Callbacks | None = getattr(self.wsgi, "callback", None)
        self.wsgi: Application = _noting_refusals(self.wsgi)

    def _server(self, listener: Any, *, spawn: Any, **_of_wsgi_servers: object) -> StreamServer:  # noqa: ANN401 - gunicorn's
        server = StreamServer(listener, handle=partial(self.handle, listener), spawn=spawn)
        server.max_accept = 1
        return server

    def handle(self, listener: Any, client: Any, addr: Any) -> None:  # noqa: ANN401 - gunicorn's
        greenlet = gevent.getcurrent()
        wire = self._wires[greenlet] = GatewayWire(client, self.limits)
        try:
            super().handle(listener, wire, addr)
        finally:
            del self._wires[greenlet]

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for a connection's next request."""
        # False is gevent's word for "end the block silently"; its types do not know
        limit = gevent.Timeout(self.cfg.keepalive, False)  # type: ignore[arg-type] # noqa: FBT003
        waiting = gevent.getcurrent()
        wire = self._wires[waiting]
        wire.await_head()
        with limit, self._wait(wire):
            self._idle[waiting] = limit
            try:
                yield
            finally:
                del self._idle[waiting]

    @contextmanager
    def _wait(self, wire: GatewayWire) -> Iterator[None]:
        """Around every wait for what a stranger sends."""
        self._waiting[wire] = None
        if len(self._waiting) > self.worker_connections // 2:
            longest = next(iter(self._waiting))
            del self._waiting[longest]
            longest.give_up()
        try:
            yield
        finally:
            self._waiting.pop(wire, None)

    def handle_request(self, listener_name: Any, req: Any, sock: GatewayWire, addr: Any) -> None:  # noqa: ANN401 - gunicorn's
        with self._wait(sock):
            posted.receive(req, sock)
        if req.body.failed:  # many may be given up in the same moment
            self._stand_in_line()
        if self._crowded():
            req.force_close()
        with self._under_way:
            if self._callbacks is None or not direct.serve(self._callbacks, self, req, sock):
                super().handle_request(listener_name, req, sock, addr)
        sock.served = True
        if sock.refused:
            self._stand_in_line()
        else:
            gevent.sleep(0)

    def _stand_in_line(self) -> None:
        """Of those who were refused, or will be, one goes on whenever the hub has looked at all other connections.

        A line keeps its places: in a crowd they are needed.
        """
        if self._crowded():
            gevent.sleep(0)
            return
        with self._refused:
            gevent.sleep(_PAUSE)

    def _crowded(self) -> bool:
        return len(self._wires) > self.worker_connections * _CROWD

    def handle_error(self, req: Any, client: GatewayWire, addr: Any, exc: BaseException) -> None:  # noqa: ANN401 - gunicorn's
        self._stand_in_line()
        client.unread = client.begun
        if isinstance(exc, TooMuch):
            exc = LimitRequestHeaders("limit request headers size")
        if not isinstance(exc, TooSlow):
            super().handle_error(req, client, addr, exc)
        elif client.begun:
            self.log.warning("Invalid request from ip=%s: its head took too long", addr[0] if addr else "")
            util.write_error(client, 408, "Request Timeout", "")

    def run(self) -> None:
        gevent.spawn(self._close_idle)
        super().run()

    def _close_idle(self) -> None:
        while self.alive:
            gevent.sleep(_LOOK)
        while True:  # what is busy now will be idle when it is answered
            gevent.sleep(_LAST_CALL)
            self._dismiss()

    def _dismiss(self) -> None:
        """End the wait of those who are idle, as if their time were up."""
        for waiting, limit in list(self._idle.items()):
            gevent.get_hub().loop.run_callback(self._end_wait, waiting, limit)

    def _end_wait(self, waiting: Any, limit: gevent.Timeout) -> None:  # noqa: ANN401 - gevent's
        """In the hub. Whoever got something since is busy, and must not be disturbed: it may be a callback."""
        if self._idle.get(waiting) is limit:
            waiting.throw(limit)


def _noting_refusals(app: Application) -> Application:
    """The app, which tells a connection when it was refused something."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def started(status: str, *headers: Any) -> Any:  # noqa: ANN401 - WSGI's
            environ["gunicorn.socket"].refused = status.startswith("4")
            return start_response(status, *headers)

        return app(environ, started)

    return call


def _room() -> int:
    """How many connections there may be. Raises ConfigurationError where that is next to none."""
    files, least = _files(), _OTHER_FILES + _LEAST
    if files < least:
        raise ConfigurationError(
            f"打开文件数的上限只有 {files}，网关至少要 {least}：提高 LimitNOFILE（systemd）或 ulimit -n"
            f" / only {files} files may be open, and a gateway needs {least}: raise LimitNOFILE or ulimit -n"
        )
    return files - _OTHER_FILES


def _files() -> int:
    """How many files this process may open, raised as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return most if soft == resource.RLIM_INFINITY else soft
