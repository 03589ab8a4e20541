"""A pool of kept connections to one host, for the calls that are made again and again.

requests does for each call what sessions, cookies, hooks and redirects might want. Here a request is some bytes that
leave in one piece over a connection of urllib3's, and http.client reads the answer. Nothing is repeated.
"""

from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

from wecom_bot.outbound.deadline import Deadline, HardDeadline, Watchdog
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.line import OpenLine, way
from wecom_bot.outbound.reply import PROBLEMS, OpenReply, Unanswered, answered
from wecom_bot.outbound.usage import Usage


class HostPool:
    """Connections to one host, kept as long as both sides like, that obey hard deadlines and go out by `egress`."""

    def __init__(
        self, base_url: str, size: int, egress: Egress = DIRECT, watchdog: Watchdog | None = None, trusts: str = ""
    ) -> None:
        """`size` is how many are kept, `trusts` a file of certificates, requests' own where it is empty.

        Raises ValueError for what is no URL.
        """
        parts = urlsplit(base_url)
        self._way = way(parts, egress, trusts)
        self._watchdog = watchdog or Watchdog()
        self._size = size
        self._kept: deque[OpenLine] = deque()
        self._asking = self._failed = 0
        host = parts.netloc.rpartition("@")[2].encode("idna").decode()
        forwarded = parts.scheme == "http" and bool(egress.proxies(base_url))
        self._root = (f"http://{host}" if forwarded else "") + parts.path.rstrip("/")
        told = {"Host": host, "User-Agent": "wecom-bot", "Accept-Encoding": "gzip, deflate"}
        self._told = _lines(told | (egress.headers() if forwarded else {}))

    def send(
        self,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: Deadline,
        connect: float = 3600.0,
        method: str = "",
    ) -> OpenReply:
        """Ask, and read the head of the answer: by default a POST of the body, or a GET where there is none.

        `target` is below the base URL, encoded; `connect` bounds how many seconds a new connection may take. Raises
        Unanswered, and ValueError for what no request may hold.
        """
        message = self._message(method or ("GET" if body is None else "POST"), target, headers, body)
        limit = HardDeadline(self._watchdog, deadline)
        line, asked = None, False
        self._asking += 1
        try:
            limit.shorten(deadline)
            line = self._quiet() or self._connected(limit, min(connect, _left(deadline)))
            limit.watch(line.handle)
            line.socket.settimeout(_left(deadline))
            asked = True
            line.socket.sendall(message)
            response = answered(line.socket, method)
        except BaseException as e:
            self._asking -= 1
            self._failed += 1
            limit.call_off()
            if line is not None:
                line.close()
            if not isinstance(e, PROBLEMS):
                raise  # a limit on the whole turn, which is no Exception
            failed = Unanswered.of(e, sent=asked, late=limit.passed)
        else:
            return OpenReply(response, line, limit, deadline, self._let_go)
        raise failed

    def usage(self) -> Usage:
        """How the connections are used. Nobody waits for one: more than are kept are made, and closed afterwards."""
        return Usage(self._asking, self._size, 0, self._failed)

    def close(self) -> None:
        """Hang up on all that are kept."""
        while self._kept:
            self._kept.pop().close()

    def _quiet(self) -> OpenLine | None:
        """One that was kept, and is still good."""
        while self._kept:
            try:
                line = self._kept.pop()
            except IndexError:  # another thread was faster
                return None
            if line.quiet():
                return line
            line.close()
        return None

    def _connected(self, limit: HardDeadline, timeout: float) -> OpenLine:
        connection = self._way(timeout)
        try:
            limit.during(connection.connect)
            return OpenLine(connection)
        except BaseException:
            connection.close()
            raise

    def _let_go(self, line: OpenLine, *, good: bool) -> None:
        self._asking -= 1
        if good and len(self._kept) < self._size:
            self._kept.append(line)
        else:
            line.close()

    def _message(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        if " " in target or not target.isprintable():
            raise ValueError("a target is encoded")
        head = f"{method} {self._root}{target} HTTP/1.1\r\n{self._told}{_lines(headers)}"
        if body is None and method != "POST":
            return f"{head}\r\n".encode("ascii")
        body = body or b""
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body


def _lines(headers: Mapping[str, str]) -> str:
    """A request's headers. Raises ValueError for one that would end its line."""
    if not all(map(str.isprintable, headers.values())):
        raise ValueError("a header is one line")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _left(deadline: Deadline) -> float:
    """Seconds. Raises TimeoutError when there are none."""
    if not (left := deadline.left):
        raise TimeoutError
    return left
