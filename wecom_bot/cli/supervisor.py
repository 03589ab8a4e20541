"""Starts groups of processes one after the other, brings back what dies, and stops them in the opposite order."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from wecom_bot.cli.children import Child, Group
from wecom_bot.cli.signals import Signals
from wecom_bot.errors import ConfigurationError
from wecom_bot.outbound.backoff import Backoff
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_STARTING = 0.02  # seconds between two looks while something starts
_RUNNING = 5.0  # the end of a child wakes us up; this is for a wake-up that was lost
_REMIND = 10.0
_BETWEEN = Backoff(timedelta(seconds=0.5), timedelta(seconds=5), jitter=0)  # one of a kind: nobody to keep apart from
_KILLED = 5.0  # how long the kernel may need to bury what was killed


@dataclass(slots=True)
class Restarts:
    """How long to wait before a restart: not at all, then by exponential backoff, and all over after a calm time.

    Customers wait meanwhile, so never for long: a start costs a second of a core, and five seconds bound that.
    """

    backoff: Backoff = _BETWEEN
    calm: float = 10.0
    _failures: int = 0

    def after(self, ran: float) -> float:
        """Seconds to wait when a run of that many seconds has ended."""
        if ran >= self.calm:
            self._failures = 0
        self._failures += 1
        return 0.0 if self._failures == 1 else self.backoff.after(self._failures - 1).total_seconds()


@dataclass(slots=True)
class _Watched:
    child: Child
    restarts: Restarts = field(default_factory=Restarts)
    since: float = 0.0
    due: float | None = None
    """When to start it again; None while it runs."""


class Supervisor:
    """Runs the groups until it is asked to stop. `ready` tells when all of it is of use; then `announce`, once.

    `look` looks after what runs, and answers after how many seconds it wants to again.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        ready: Callable[[], bool],
        announce: Callable[[], None],
        look: Callable[[], float] = lambda: _RUNNING,
    ) -> None:
        self._look = look
        self._groups = groups
        self._ready = ready
        self._announce = announce
        self.failure: dict[str, str] = {}
        """What could not start, and what is known about it."""
        self._watched: list[_Watched] = []
        self._started = 0
        self._announced = False
        self._remind = time.monotonic() + _REMIND
        self._clean = True

    def run(self) -> int:
        """The exit code: 0 if all ended by themselves when asked to, 1 otherwise.

        What ends before everything was ready cannot start at all: then the rest is stopped, and the code is 1.
        """
        with Signals() as signals:
            try:
                while not signals.asked:
                    self._bring_back()
                    self._go_on()
                    signals.wait(min(self._look(), self._pause()))
                log.info("supervisor.stopping")
            except _CannotStartError as e:
                log.error("supervisor.cannot_start", **e.facts)
                self.failure = e.facts
                self._clean = False
            for group in reversed(self._groups[: self._started]):
                self._stop(group, signals)
        return 0 if self._clean else 1

    def _go_on(self) -> None:
        """Start the next group when the last one is ready; announce when there is none left and all is of use."""
        if self._announced:
            return
        waiting = [watched.child.name for watched in self._watched if not watched.child.ready()]
        if not waiting and self._started < len(self._groups):
            group = self._groups[self._started]
            self._started += 1
            for child in group.children:
                watched = _Watched(child)
                self._watched.append(watched)
                self._launch(watched)
        elif not waiting and self._ready():
            self._announced = True
            self._announce()
        elif time.monotonic() > self._remind:
            self._remind = time.monotonic() + _REMIND
            log.warning("supervisor.waiting", waits_for=waiting or ["readyz"])

    def _bring_back(self) -> None:
        now = time.monotonic()
        for watched in self._watched:
            if watched.due is None and (code := watched.child.poll()) is not None:
                self._note_end(watched, code)
            if watched.due is not None and now >= watched.due:
                self._launch(watched)

    def _note_end(self, watched: _Watched, code: int) -> None:
        facts = {"process": watched.child.name, "status": _status(code)}
        if said := watched.child.why():
            facts["said"] = said
        if not self._announced:
            raise _CannotStartError(facts)
        ran = time.monotonic() - watched.since
        pause = watched.restarts.after(ran)
        watched.due = time.monotonic() + pause
        log.error("process.ended", ran=round(ran, 1), restart_in=pause, **facts)

    def _launch(self, watched: _Watched) -> None:
        watched.since, watched.due = time.monotonic(), None
        try:
            watched.child.launch()
        except (ConfigurationError, OSError) as e:
            if not self._announced:
                raise _CannotStartError({"process": watched.child.name, "error": str(e)}) from e
            watched.due = time.monotonic() + watched.restarts.after(0)
            log.error("process.not_started", process=watched.child.name, error=str(e))
        else:
            log.info("process.started", process=watched.child.name)

    def _pause(self) -> float:
        if not self._announced:
            return _STARTING
        dues = [watched.due for watched in self._watched if watched.due is not None]
        return min([_RUNNING, *(due - time.monotonic() for due in dues)])

    def _stop(self, group: Group, signals: Signals) -> None:
        """Ask, wait for the grace (not when asked to stop a second time), then kill."""
        asked = list(_running(group))
        for child in asked:
            child.terminate()
        deadline = time.monotonic() + group.grace.total_seconds()
        while any(_running(group)) and time.monotonic() < deadline and signals.asked <= 1:
            signals.wait(min(_STARTING, deadline - time.monotonic()))
        for child in _running(group):
            log.warning("process.killed", process=child.name)
            self._clean = False
            child.kill()
        deadline = time.monotonic() + _KILLED
        while any(_running(group)) and time.monotonic() < deadline:
            signals.wait(_STARTING)
        for child in asked:
            code = child.poll()
            self._clean = self._clean and code is not None and code <= 0
            log.info("process.stopped", process=child.name, status=_status(code))


class _CannotStartError(Exception):
    def __init__(self, facts: dict[str, str]) -> None:
        super().__init__(facts)
        self.facts = facts


def _running(group: Group) -> Iterator[Child]:
    return (child for child in group.children if child.poll() is None)


def _status(code: int | None) -> str:
    if code is None:
        return "running"
    return f"exit {code}" if code >= 0 else f"signal {-code}"
