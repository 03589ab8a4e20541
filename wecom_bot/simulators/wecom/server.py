"""The simulator as a server, in this process or in one of its own."""

import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from wecom_bot.errors import ConfigurationError
from wecom_bot.simulators.wecom import api, control
from wecom_bot.simulators.wecom.faults import Faults
from wecom_bot.simulators.wecom.sender import Sender
from wecom_bot.simulators.wecom.world import World
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger
_IDLE = 75  # seconds that a connection may stand unused


class WecomSimulator:
    """WeCom on a port. What it knows outlives `stop`, so that stopping and starting it is an outage."""

    def __init__(self) -> None:
        self._world = World()
        self._faults = Faults()
        self._sender = Sender(lambda: self._world.modes)
        self._app = Flask(__name__, static_folder=None)
        self._app.register_blueprint(api.blueprint(self._world, self._faults))
        self._app.register_blueprint(control.blueprint(self._world, self._faults, self._sender))
        self._server: _Server | None = None

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve in the background; the base URL. Port 0 is any free one. Raises ConfigurationError."""
        try:
            self._server = _Server(host, port, self._app, _Conversation)
        except SystemExit as e:  # werkzeug's way to say that the port is taken
            raise ConfigurationError(f"port {port} of {host} cannot be used") from e
        self._sender.open()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="wecom-simulator").start()
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self._server.port}"

    def stop(self) -> None:
        """Answer nobody and send nothing more: open connections are cut, as when a machine dies."""
        self._sender.close()
        if self._server is not None:
            self._server.shutdown()
            self._server.cut()
            self._faults.release()
            self._server = None


class _Server(ThreadedWSGIServer):
    """Knows its open connections, because kept-alive ones would outlive it."""

    def __init__(self, host: str, port: int, app: Flask, handler: type[WSGIRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(host, port, app, handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Close it without the shutdown that would turn a reset into an ordinary end."""
        self._open.discard(request)
        self.close_request(request)

    def cut(self) -> None:
        """Break off every open connection."""
        for connection in self._open.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("simulator.connection_gone")

    def handle_error(self, _request: object, _client_address: object) -> None:
        """A thread failed outside of the app; the request line would hold a token, so it is not logged."""
        log.error("simulator.connection_failed", error=repr(sys.exception()))

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Werkzeug's messages, without those about single requests."""
        log.warning("simulator.server", kind=type, message=message % args if args else message)


class _Conversation(WSGIRequestHandler):
    """HTTP/1.1 with kept-alive connections, which werkzeug's own handler closes after every answer.

    It may keep them because it reads the whole body before the app runs, and writes the whole answer at once.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _IDLE

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        if "wsgi.input_terminated" in environ:
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        try:
            answer = Response.from_app(self.server.app, environ, buffered=True)
        except ConnectionResetError:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            self.close_connection = True
            return
        content = answer.get_data()
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: a request line holds the access token."""


def run(host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the base URL. Raises ConfigurationError."""
    ended = threading.Event()
    simulator = WecomSimulator()
    base_url = simulator.start(host, port)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    log.info("simulator.started", base_url=base_url)
    if ready is not None:
        ready(base_url)
    ended.wait()
    simulator.stop()
    log.info("simulator.stopped")


def main(host: str = "127.0.0.1", port: int = 0) -> None:
    """`run` in a process of its own; the first line of stdout is the base URL."""
    logs.configure("console", "info")
    run(host, port, lambda base_url: print(base_url, flush=True))  # noqa: T201 - whoever started us reads it
