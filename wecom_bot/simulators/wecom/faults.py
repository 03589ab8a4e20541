"""Trouble on demand: what the next calls of an API meet instead of, or after, being performed."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Response

from wecom_bot.simulators.wecom.schema import Fault

Answer = Callable[[], Response]

_BAD_GATEWAY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
_GARBAGE = '{"errcode":0,"errms<html>\r\n<head><title>\x00\ufffd'


@dataclass(slots=True)
class _Queued:
    fault: Fault
    times: float
    until: float

    @property
    def live(self) -> bool:
        return self.times > 0 and time.monotonic() < self.until

    def meets(self, api: str, corp_id: str) -> bool:
        """Whether a call of this API by this corp is meant."""
        same_api = self.fault.api == api or (self.fault.api == "*" and api != "gettoken")
        return same_api and self.fault.corp_id in {"", corp_id}


class Faults:
    """The queue of faults; a call meets the first live one that means it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[_Queued] = []
        self._released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Queue a fault; its time begins now."""
        times = fault.times or (1 if fault.for_seconds is None else float("inf"))
        until = float("inf") if fault.for_seconds is None else time.monotonic() + fault.for_seconds
        with self._lock:
            self._queue.append(_Queued(fault, times, until))

    def take(self, api: str, corp_id: str) -> Fault | None:
        """What this call meets."""
        if not self._queue:  # nearly always, so do not queue up for the lock
            return None
        with self._lock:
            self._queue = [queued for queued in self._queue if queued.live]
            for queued in self._queue:
                if queued.meets(api, corp_id):
                    queued.times -= 1
                    return queued.fault
        return None

    def clear(self) -> None:
        """No more trouble."""
        with self._lock:
            self._queue.clear()
        self.release()

    def release(self) -> None:
        """Let calls go on at once that hang or are delayed; the queue stays."""
        with self._lock:
            self._released.set()
            self._released = threading.Event()

    def wait(self, seconds: float) -> None:
        """Sleep, unless released meanwhile."""
        self._released.wait(seconds)

    def apply(self, fault: Fault, perform: Answer, refuse: Callable[[int], Response]) -> tuple[Response, str]:
        """The answer under this fault, and the word under which the call is counted ("" for that of the answer)."""
        if fault.kind == "delay":
            return self._delayed(fault, perform), ""
        if fault.performed:
            perform()
        if fault.kind == "errcode":
            return refuse(int(fault.value)), str(int(fault.value))
        if fault.kind == "status":
            status = int(fault.value)
            return Response(_BAD_GATEWAY.format(status), status, content_type="text/html"), f"http {status}"
        if fault.kind == "garbage":
            return Response(_GARBAGE, content_type="application/json; charset=UTF-8"), "garbage"
        return Response(self._broken_off(fault)), fault.kind

    def _delayed(self, fault: Fault, perform: Answer) -> Response:
        answer = perform() if fault.performed else None
        self.wait(fault.value)
        return answer or perform()

    def _broken_off(self, fault: Fault) -> Iterator[bytes]:
        """A body that never comes: the server resets the connection when this raises."""
        if fault.kind == "hang":
            self.wait(fault.value or 3600.0)
        raise ConnectionResetError
        yield b""  # makes it a generator, so that nothing is raised before the server reads it
