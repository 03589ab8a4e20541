"""Circuit breaker: who does not answer, or refuses, is left alone for a while, and asked by one call before by all.

Closed, calls go through. After a streak of failures the circuit is open: calls are refused at once, and cost nobody a
wait. When it has cooled down it is half-open: one call goes ahead as the probe (single flight), and the others are
refused until it is known what becomes of it.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from time import monotonic
from typing import NamedTuple

from wecom_bot.errors import TemporaryFailure

_FORGOTTEN = 3600.0  # seconds: what nobody asked for so long after it cooled down is as good as new


class CircuitState(StrEnum):
    """Where a circuit breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit(NamedTuple):
    """What fails, and is left alone, by itself: which neighbour, which kind of thing there, and its name, no secret."""

    neighbour: str
    part: str
    name: str


@dataclass(frozen=True, slots=True)
class Trip:
    """What opens a circuit, so many failures in a row within a time, and how long it then cools down."""

    failures: int
    within: timedelta
    cool_down: timedelta


class CircuitOpen(TemporaryFailure):
    """Not asked: the circuit is open, or waits for its probe. `why` and `code` are what opened it."""

    def __init__(self, circuit: Circuit, left: timedelta, why: str, code: int | None) -> None:
        super().__init__(
            f"{circuit.neighbour} {circuit.part} {circuit.name}: not asked for {left.total_seconds():.0f} s"
        )
        self.circuit = circuit
        self.left = left
        self.why = why
        self.code = code


@dataclass(slots=True)
class _Track:
    """What is known of a circuit; closed while `cool_at` is None."""

    failures: deque[float]
    trip: Trip
    cool_at: float | None = None
    probe_until: float = 0.0
    why: str = ""
    code: int | None = None

    def fails(self, now: float) -> bool:
        """Count it; whether this opened the circuit, which was closed."""
        self.failures.append(now)
        was_closed = self.cool_at is None
        streak = len(self.failures) == self.trip.failures
        if was_closed and not (streak and now - self.failures[0] <= self.trip.within.total_seconds()):
            return False
        self.cool_at = now + self.trip.cool_down.total_seconds()
        self.probe_until = 0.0
        return was_closed


@dataclass(slots=True)
class LocalCircuitBreaker:
    """Implements ports.CircuitBreaker for one process."""

    clock: Callable[[], float] = monotonic
    _tracks: dict[Circuit, _Track] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def admit(self, *circuits: Circuit) -> None:
        now = self.clock()
        with self._lock:
            tripped = [(each, track) for each in circuits if (track := self._tripped(each))]
            for circuit, track in tripped:
                left = max(track.cool_at or 0.0, track.probe_until) - now
                if left > 0:
                    raise CircuitOpen(circuit, timedelta(seconds=left), track.why, track.code)
            for _, track in tripped:
                track.probe_until = now + track.trip.cool_down.total_seconds()

    def succeeded(self, *circuits: Circuit) -> bool:
        if not self._tracks:  # as a rule
            return False
        with self._lock:
            gone = [track for each in circuits if (track := self._tracks.pop(each, None))]
        return any(track.cool_at is not None for track in gone)

    def failed(self, circuit: Circuit, trip: Trip, why: str = "", code: int | None = None) -> bool:
        now = self.clock()
        with self._lock:
            track = self._tracks.get(circuit)
            if track is None:
                track = self._tracks[circuit] = _Track(deque(maxlen=trip.failures), trip)
            opened = track.fails(now)
            track.why, track.code = why, code
            if opened:
                self._forget(now)
        return opened

    def undecided(self, *circuits: Circuit) -> None:
        with self._lock:
            for each in circuits:
                if track := self._tripped(each):
                    track.probe_until = 0.0

    def state(self, circuit: Circuit) -> CircuitState:
        return self.states().get(circuit, CircuitState.CLOSED)

    def states(self) -> Mapping[Circuit, CircuitState]:
        now = self.clock()
        with self._lock:
            self._forget(now)  # a token that was replaced, say, would stand there for ever
            tripped = {each: track.cool_at for each, track in self._tracks.items() if track.cool_at is not None}
        return {
            each: CircuitState.OPEN if now < cool_at else CircuitState.HALF_OPEN for each, cool_at in tripped.items()
        }

    def _tripped(self, circuit: Circuit) -> _Track | None:
        track = self._tracks.get(circuit)
        return track if track is not None and track.cool_at is not None else None

    def _forget(self, now: float) -> None:
        old = [each for each, track in self._tracks.items() if now - (track.cool_at or track.failures[-1]) > _FORGOTTEN]
        for each in old:
            del self._tracks[each]
