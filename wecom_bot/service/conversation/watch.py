"""Monitoring: what people must be told of when it grows. What waits in the queue or for a person, and who is not asked.

Every worker measures: one of them that stands still, or is just starting, leaves no gap.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Literal

from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Backlogs, Circuits, Clock, IndexStandings, PoisonList, Tickets
from wecom_bot.telemetry import metrics

EVERY = timedelta(seconds=5)
"""How often the queue is measured."""

SELDOM = timedelta(seconds=15)
"""How often the tickets are counted: SQL is asked, and a person takes minutes to answer one."""


@dataclass(frozen=True, slots=True)
class _ShownTenants:
    """The tenants whose numbers are shown: of who is gone they are withdrawn."""

    what: Literal["queue", "requests", "index"]
    clock: Clock
    corp_ids: set[CorpId] = field(default_factory=set)

    def keep(self, corp_ids: Collection[CorpId]) -> None:
        for gone in self.corp_ids.difference(corp_ids):
            metrics.MEASURED_AGE.labels(self.what, gone).set(0)
        self.corp_ids.intersection_update(corp_ids)

    def measured(self, corp_id: CorpId) -> None:
        self.corp_ids.add(corp_id)
        metrics.MEASURED_AGE.labels(self.what, corp_id).set(self.clock.now().timestamp())


class WatchQueue:
    """Measure what waits in the queue, on its way to the record and among the dead letters, tenant by tenant.

    Raises TemporaryFailure when the server is away; what was measured before that grows old, and is not shown then.
    """

    def __init__(self, corp_ids: Callable[[], Iterable[CorpId]], backlogs: Backlogs, clock: Clock) -> None:
        self._corp_ids, self._backlogs, self._clock = corp_ids, backlogs, clock
        self._known = _ShownTenants("queue", clock)

    def __call__(self) -> None:
        """Measure once."""
        corp_ids = list(self._corp_ids())
        self._known.keep(corp_ids)
        for corp_id, backlog in self._backlogs.measure(corp_ids).items():
            metrics.WAITING.labels(corp_id).set(backlog.jobs)
            metrics.OUTBOX.labels(corp_id).set(backlog.records)
            metrics.DEAD_LETTERS.labels(corp_id).set(backlog.dead_letters)
            due = self._clock.now() - backlog.queue_age
            metrics.QUEUE_AGE.labels(corp_id).set(due.timestamp() if backlog.queue_age else 0)
            self._known.measured(corp_id)


class WatchTickets:
    """Count the open tickets, tenant by tenant.

    Raises TemporaryFailure when SQL is away: that there are none is never said unless they were counted.
    """

    def __init__(self, corp_ids: Callable[[], Iterable[CorpId]], tickets: Tickets, clock: Clock) -> None:
        self._corp_ids, self._tickets = corp_ids, tickets
        self._known = _ShownTenants("requests", clock)

    def __call__(self) -> None:
        """Count once."""
        corp_ids = list(self._corp_ids())
        self._known.keep(corp_ids)
        for corp_id, still_open in self._tickets.still_open(corp_ids).items():
            metrics.OPEN_TICKETS.labels(corp_id).set(still_open.count)
            oldest = still_open.oldest
            metrics.OLDEST_TICKET_AGE.labels(corp_id).set(oldest.timestamp() if oldest else 0)
            self._known.measured(corp_id)


class WatchIndexes:
    """Measure how far the search indexes are behind what tenants wrote, and what they refused.

    Raises TemporaryFailure when SQL is away: that nothing is missing is never said unless it was looked for.
    """

    def __init__(self, standings: IndexStandings, poison: PoisonList, clock: Clock) -> None:
        self._standings, self._poison, self._clock = standings, poison, clock
        self._known = _ShownTenants("index", clock)

    def __call__(self) -> None:
        """Measure once."""
        oldest: dict[CorpId, float] = {}
        for each in self._standings.all():
            since = each.behind_since.timestamp() if each.behind_since else inf
            oldest[each.corp_id] = min(since, oldest.get(each.corp_id, inf))
        refused = self._poison.counts()
        self._known.keep(oldest)
        for corp_id, since in oldest.items():
            metrics.INDEX_AGE.labels(corp_id).set(0 if since == inf else since)
            metrics.INDEX_REFUSED.labels(corp_id).set(refused.get(corp_id, 0))
            self._known.measured(corp_id)


@dataclass(slots=True)
class WatchCircuits:
    """Count the circuit breakers of this process that are not closed. Raises nothing."""

    circuits: Circuits
    _shown: set[tuple[str, str, str]] = field(default_factory=set, init=False)

    def __call__(self) -> None:
        """Count once."""
        states = self.circuits.states().items()
        found = Counter((circuit.neighbour, circuit.part, state.value) for circuit, state in states)
        self._shown |= found.keys()
        for labels in self._shown:
            metrics.CIRCUITS.labels(*labels).set(found[labels])
