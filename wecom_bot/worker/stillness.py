"""Liveness when the hub (event loop) cannot tell: a thread of the system's answers, on the same listening socket.

It answers only while the hub stands still, and only if something lets the interpreter go now and then; what holds it
(a loop in C) leaves the asker without an answer, which tells them the same.
"""

import _socket  # what stands below the patched one, whose accept would make a patched one again
import json
import os
import time
from contextlib import suppress

import gevent
from gevent import monkey

_LOOK = 0.25
_WAIT = 1.0  # seconds for an asker's first words

_start_thread = monkey.get_original("_thread", "start_new_thread")
_sleep = monkey.get_original("time", "sleep")
_select = monkey.get_original("select", "select")


class Stillness:
    """From `patience` seconds without a turn of the hub on, whoever asks is told so with a 503."""

    def __init__(self, listening: int, patience: float) -> None:
        self._door = _socket.socket(fileno=os.dup(listening))
        self._patience = patience
        self._turned = time.monotonic()
        self._open = True
        self._turning = gevent.spawn(self._turn)
        _start_thread(self._watch, ())

    def stop(self) -> None:
        """Watch no more."""
        self._open = False
        self._turning.kill()

    def _turn(self) -> None:
        while True:
            self._turned = time.monotonic()
            gevent.sleep(_LOOK)

    def _watch(self) -> None:
        while self._open:
            still = time.monotonic() - self._turned
            if still < self._patience:
                _sleep(_LOOK)
            elif _select([self._door], [], [], _LOOK)[0]:
                with suppress(OSError):  # the hub turned again and took it, or the asker has gone
                    self._answer(still)
        self._door.close()

    def _answer(self, still: float) -> None:
        descriptor, _ = self._door._accept()  # type: ignore[attr-defined] # noqa: SLF001 - it has no other name
        asker = _socket.socket(fileno=descriptor)
        try:
            asker.settimeout(_WAIT)
            asker.recv(4096)
            body = json.dumps({"still": round(still, 1)}).encode()
            head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            asker.sendall(b"HTTP/1.1 503 Service Unavailable\r\n" + head.encode() + body)
        finally:
            asker.close()
