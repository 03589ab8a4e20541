"""How a simulator is served: an HTTP/1.1 server that keeps connections, streams, and can break them in every way."""

import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any, Protocol

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from wecom_bot import processes
from wecom_bot.errors import ConfigurationError
from wecom_bot.telemetry import logs

log = logs.get(__name__)

EVENT_STREAM = "text/event-stream"
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger
_IDLE = 75  # seconds that a connection may stand unused


class Simulator(Protocol):
    """A neighbour, simulated."""

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve in the background; the base URL. Port 0 is any free one. Raises ConfigurationError."""

    def stop(self) -> None:
        """Be away, as when a machine dies: connections are cut, and new ones refused."""


class Service:
    """An app on a port, in threads of its own."""

    def __init__(self, app: Flask, name: str) -> None:
        self._app = app
        self._name = name
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, host: str, port: int) -> str:
        """Serve in the background; the base URL. Raises ConfigurationError."""
        try:
            self._server = _Server(host, port, self._app, _Conversation)
        except SystemExit as e:  # werkzeug's way to say that the port is taken
            raise ConfigurationError(f"port {port} of {host} cannot be used") from e
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name=self._name)
        self._thread.start()
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self._server.port}"

    def stop(self) -> None:
        """Refuse new connections and cut the open ones; when it returns, the port is free."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()  # it closes the port when it ends
            self._server.cut()
            self._server = self._thread = None


class _Server(ThreadedWSGIServer):
    """Knows its open connections, because kept-alive ones would outlive it."""

    def __init__(self, host: str, port: int, app: Flask, handler: type[WSGIRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._ended = False
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
        self._ended = True
        for connection in self._open.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("simulator.connection_gone")

    def handle_error(self, _request: object, _client_address: object) -> None:
        """A thread failed outside of the app; the request line would hold a token, so it is not logged."""
        if self._ended:  # it was cut, of which gevent's sockets make an error
            return
        if isinstance(sys.exception(), ConnectionError):
            log.debug("simulator.caller_gone")  # whoever asked did not wait for the answer
        else:
            log.error("simulator.connection_failed", error=repr(sys.exception()))

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Werkzeug's messages, without those about single requests."""
        log.warning("simulator.server", kind=type, message=message % args if args else message)


class _Conversation(WSGIRequestHandler):
    """HTTP/1.1 with kept-alive connections, which werkzeug's own handler closes after every answer.

    It may keep them because it reads the whole body before the app runs, and says where each answer ends. An answer
    whose body raises ConnectionResetError is reset there (with no byte sent, if that was at once), and one that raises
    ConnectionAbortedError just stops.
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
            with Response.from_app(self.server.app, environ) as answer:
                if answer.mimetype == EVENT_STREAM:
                    self._stream(answer)
                else:
                    self._write(answer)
        except ConnectionResetError:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            self.close_connection = True
        except ConnectionAbortedError:
            self.close_connection = True

    def _write(self, answer: Response) -> None:
        content = answer.get_data()
        self._head(answer, "Content-Length", str(len(content)))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _stream(self, answer: Response) -> None:
        """Send each piece of the body at once; one that says `Connection: close` has no other end than that."""
        chunked = answer.headers.get("Connection") != "close"
        if chunked:
            self._head(answer, "Transfer-Encoding", "chunked")
        else:
            self._head(answer)
        for piece in answer.iter_encoded():
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            self.wfile.flush()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: Response, *length: str) -> None:
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        if length:
            self.send_header(*length)
        self.end_headers()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: a request line may hold an access token."""


def run(simulator: Simulator, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the base URL. Raises ConfigurationError."""
    ended = threading.Event()
    base_url = simulator.start(host, port)
    for number in processes.heeded(signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    log.info("simulator.started", base_url=base_url)
    if ready is not None:
        ready(base_url)
    ended.wait()
    simulator.stop()
    log.info("simulator.stopped")


def main(simulator: Simulator, host: str, port: int) -> None:
    """`run` in a process of its own; the first line of stdout is the base URL."""
    logs.configure("console", "info")
    run(simulator, host, port, lambda base_url: print(base_url, flush=True))  # noqa: T201 - whoever started us reads it
