"""When not to ask: a neighbour that does not answer, and a token that is refused, cost later turns no waiting.

For one process. A host counts connections that fail; a target (one call of one bot or workflow) counts deadlines that
pass, because one tenant's slow workflow must not silence another's bot.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic

from wecom_bot.adapters.coze.codes import Kind
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.errors import Misconfigured, TemporaryFailure, WecomBotError
from wecom_bot.telemetry import logs

log = logs.get(__name__)

STREAK = 5  # failures in a row
WITHIN = 30.0  # seconds that they may take
OPEN = 10.0  # seconds before one call may try again
BARRED = 60.0  # seconds for which a refused token is not shown again


@dataclass(slots=True)
class _Circuit:
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=STREAK))
    shut_until: float | None = None


class Breaker:
    """Knows what failed lately, in this process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._circuits: dict[tuple[str, ...], _Circuit] = {}
        self._barred: dict[str, tuple[float, str, int | None]] = {}
        self._lock = threading.Lock()

    def admit(self, call: Call) -> None:
        """Return if the call may be tried. Raises Misconfigured, TemporaryFailure."""
        now = self._clock()
        with self._lock:
            until, why, code = self._barred.get(_fingerprint(call), (now, "", None))
            if until > now:
                raise Misconfigured(f"{why} (not asked again for {until - now:.0f} s)", code)
            shut = [each for key in _keys(call) if (each := self._circuits.get(key)) and each.shut_until is not None]
            if any((each.shut_until or now) > now for each in shut):
                raise TemporaryFailure(f"{call!r}: not asked, it did not answer {STREAK} times in a row")
            for each in shut:  # this call goes ahead to see; the others wait for what becomes of it
                each.shut_until = now + OPEN

    def worked(self, call: Call) -> None:
        """It answered."""
        self._heal(*_keys(call))

    def failed(self, call: Call, failure: Failed, error: WecomBotError) -> None:
        """It did not, in this way; `error` is what the caller is told."""
        host, target = _keys(call)
        match failure.kind:
            case Kind.UNREACHABLE:
                self._count(call, host)
            case Kind.LATE:
                self._count(call, target)
            case Kind.AUTH | Kind.QUOTA:
                self._heal(host, target)
                self._bar(call, str(error), failure.code)
            case Kind.BROKEN:
                pass  # it lives, but nobody can say how well
            case _ if failure.status in (502, 503, 504):
                self._count(call, target)
            case _:
                self._heal(host, target)

    def _count(self, call: Call, key: tuple[str, ...]) -> None:
        now = self._clock()
        with self._lock:
            circuit = self._circuits.setdefault(key, _Circuit())
            circuit.failures.append(now)
            streak = len(circuit.failures) == STREAK and now - circuit.failures[0] <= WITHIN
            opened = circuit.shut_until is None and streak
            if opened or circuit.shut_until is not None:
                circuit.shut_until = now + OPEN
        if opened:
            log.error("coze.circuit_opened", neighbour=call.neighbour, call=call.name, of=key[0], target=call.target)

    def _heal(self, *keys: tuple[str, ...]) -> None:
        with self._lock:
            healed = [circuit for key in keys if (circuit := self._circuits.pop(key, None))]
        if any(circuit.shut_until is not None for circuit in healed):
            log.info("coze.circuit_closed")

    def _bar(self, call: Call, why: str, code: int | None) -> None:
        now = self._clock()
        with self._lock:
            self._barred = {token: entry for token, entry in self._barred.items() if entry[0] > now}
            self._barred[_fingerprint(call)] = (now + BARRED, why, code)
        log.error("coze.token_barred", neighbour=call.neighbour, call=call.name, target=call.target, reason=why)


def _keys(call: Call) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ("host", call.host), ("target", call.host, call.name, call.target)


def _fingerprint(call: Call) -> str:
    return sha256(f"{call.host}\n{call.token}".encode()).hexdigest()[:16]
