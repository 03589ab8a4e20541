"""Health checks: which engine answers, asked when no customer does, and how the connections to neighbours are used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from wecom_bot.errors import WecomBotError
from wecom_bot.ports import Circuits, Ping, TimeLimit, Usages
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

EVERY = timedelta(seconds=5)
"""How often an engine is asked, and connections are counted."""

_LONGEST = timedelta(seconds=5)  # whoever takes longer is no help to a customer either


@dataclass(slots=True)
class WatchEngine:
    """Ask one engine whether it is there. Raises nothing: that it is down is said once, and shown."""

    name: str
    ping: Ping
    time_limit: TimeLimit
    down: bool = field(default=False, init=False)

    def __call__(self) -> None:
        """Ask once."""
        try:
            with self.time_limit(_LONGEST):
                self.ping()
        except WecomBotError as e:
            if not self.down:
                log.error("engine.down", engine=self.name, error=f"{type(e).__name__}: {e}")
            self.down = True
        else:
            if self.down:
                log.info("engine.up", engine=self.name)
            self.down = False
        metrics.ENGINE_UP.labels(self.name).set(not self.down)


@dataclass(slots=True)
class WatchUsages:
    """Count the connections to each neighbour, and those who waited or failed since the last count. Raises nothing."""

    usages: Usages
    _before: dict[str, tuple[int, int]] = field(default_factory=dict, init=False)

    def __call__(self) -> None:
        """Count once."""
        for neighbour, usage in self.usages.items():
            now = usage()
            metrics.CONNECTIONS.labels(neighbour, "in_use").set(now.in_use)
            metrics.CONNECTIONS.labels(neighbour, "most").set(now.most)
            waited, failed = self._before.get(neighbour, (0, 0))
            # services that are asked no more take their counts with them
            metrics.CONNECTION_WAITS.labels(neighbour).inc(max(0, now.waited - waited))
            metrics.CONNECTION_FAILURES.labels(neighbour).inc(max(0, now.failed - failed))
            self._before[neighbour] = (now.waited, now.failed)


@dataclass(frozen=True, slots=True)
class LiveCondition:
    """What this process goes on without, for its /readyz: engines that are down, circuits that are not closed."""

    engines: Sequence[WatchEngine]
    circuits: Circuits

    def __call__(self) -> Mapping[str, object]:
        """By name, for JSON. Raises nothing."""
        shut = [{**circuit._asdict(), "state": state.value} for circuit, state in self.circuits.states().items()]
        return {"down": [each.name for each in self.engines if each.down], "circuits": shut}
