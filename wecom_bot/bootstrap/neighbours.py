"""What one process finds out about its neighbours: who is left alone, who is down, how connections are used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.outbound.usage import Usage
from wecom_bot.ports import CircuitBreaker, Ping, TimeLimit
from wecom_bot.service.conversation import watch, watch_engines
from wecom_bot.service.conversation.watch_engines import LiveCondition, WatchEngine, WatchUsages


@dataclass(frozen=True, slots=True)
class Neighbours:
    """One circuit breaker for all, and for metrics and /readyz a list of whom we have."""

    time_limit: TimeLimit
    breaker: CircuitBreaker = field(default_factory=LocalCircuitBreaker)
    usages: dict[str, Callable[[], Usage]] = field(default_factory=dict)
    engines: list[WatchEngine] = field(default_factory=list)
    chores: list[tuple[timedelta, Callable[[], None]]] = field(default_factory=list)

    def add(self, neighbour: str, usage: Callable[[], Usage]) -> None:
        """One that we call: how the connections to it are used."""
        self.usages[neighbour] = usage

    def stands_on(self, engine: str, ping: Ping) -> None:
        """One that we keep things in, or find them: what tells whether it answers."""
        self.engines.append(WatchEngine(engine, ping, self.time_limit))

    def errands(self) -> list[tuple[timedelta, Callable[[], None]]]:
        """What is looked at now and then, and how often: each engine by itself, for one that hangs delays its look."""
        return [
            (watch.EVERY, watch.WatchCircuits(self.breaker)),
            (watch_engines.EVERY, WatchUsages(self.usages)),
            *((watch_engines.EVERY, each) for each in self.engines),
            *self.chores,
        ]

    def condition(self) -> Mapping[str, object]:
        """What this process goes on without."""
        return LiveCondition(self.engines, self.breaker)()
