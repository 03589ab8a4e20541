"""Posts prepared requests over kept connections, as fast as they are answered, and takes the time of each."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Result:
    """How a run went: answers with 200, all seconds, and the seconds of each answer, sorted."""

    accepted: int
    seconds: float
    times: list[float]

    @property
    def rate(self) -> float:
        """Accepted a second."""
        return self.accepted / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share was answered."""
        return 1000 * self.times[min(len(self.times) - 1, int(share * len(self.times)))]


def request(path: str, body: bytes) -> bytes:
    """A POST as bytes on the wire."""
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def hammer(port: int, requests: Sequence[bytes], connections: int) -> Result:
    """Send all requests, shared among the connections; each waits for its answer before the next."""
    times: list[list[float]] = [[] for _ in range(connections)]
    accepted = [0] * connections

    def work(mine: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for each in requests[mine::connections]:
                began = time.perf_counter()
                wire.sendall(each)
                accepted[mine] += _answer(wire).startswith(b"HTTP/1.1 200")
                times[mine].append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    return Result(sum(accepted), seconds, sorted(each for mine in times for each in mine))


def _answer(wire: socket.socket) -> bytes:
    data = b""
    while _HEAD_END not in data:
        more = wire.recv(65536)
        if not more:
            raise ConnectionError("the server closed the connection")
        data += more
    head, _, body = data.partition(_HEAD_END)
    length = next((int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += wire.recv(65536)
    return head
