"""Bulkheads: how many of a worker's slots each tenant may have, so that none takes the others' too."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from wecom_bot.domain.message import CorpId

_FEW = 2  # slots of a tenant where more would only make each turn slower
_SHORT = 0.8  # of a core: a process that wants more makes what is ready wait
_LOOK = 0.05  # seconds between two looks at that
_STAYS = 1.0  # seconds for which it then counts as short: few turns at once leave it some rest
_YOUNG = 0.25  # seconds for which a turn is taken to want a core; then it waits for somebody
_NEIGHBOUR = 10.0  # seconds for which a tenant that had a turn counts as somebody's neighbour
_SCHEDULED = Path("/proc/thread-self/schedstat")  # nanoseconds on a core, nanoseconds in line for one, times


def wanted() -> float:
    """Seconds for which this thread has had a core, or waited for one; without Linux's statistics only the former."""
    try:
        on_core, in_line, _ = _SCHEDULED.read_text().split()
    except (OSError, ValueError):
        return time.thread_time()
    return (int(on_core) + int(in_line)) / 1e9


class Shares:
    """Counts the slots that tenants have.

    Most of a turn is waiting for WeCom and Coze, so one tenant may have three quarters of the slots: who hangs leaves
    the rest. But where the process itself is short of time, a crowd's many turns would each take it from a neighbour's
    one; then a tenant with neighbours gets few turns at once that want it. The crowd goes at about half its rate while
    they have something to ask (`make bench` shows what that is worth to them).
    """

    def __init__(
        self, slots: int, clock: Callable[[], float] = time.monotonic, wanted: Callable[[], float] = wanted
    ) -> None:
        """`wanted` counts the seconds of a core that the process wanted so far."""
        self._most = max(1, slots - max(1, slots // 4))
        self._clock, self._count = clock, wanted
        self._taken_at: dict[CorpId, dict[str, float]] = {}
        self._known: frozenset[CorpId] = frozenset()
        self._leased_at: dict[CorpId, float] = {}
        self._looked_at, self._wanted, self._short_until = clock(), wanted(), 0.0

    def know(self, corp_ids: Iterable[CorpId]) -> None:
        """Who there is: a tenant that is alone may have every slot."""
        self._known = frozenset(corp_ids)
        self._leased_at = {each: at for each, at in self._leased_at.items() if each in self._known}

    def take(self, corp_id: CorpId, slot: str) -> None:
        """This slot is the tenant's."""
        self._leased_at[corp_id] = self._taken_at.setdefault(corp_id, {})[slot] = self._clock()

    def give_back(self, corp_id: CorpId, slot: str) -> None:
        """It is no more."""
        slots = self._taken_at[corp_id]
        del slots[slot]
        if not slots:
            del self._taken_at[corp_id]

    def full(self) -> list[CorpId]:
        """The tenants that have as many as they may have now."""
        if len(self._known) <= 1:
            return []
        now = self._clock()
        self._look(now)
        few = now < self._short_until and self._has_neighbours(now)
        return [each for each, slots in self._taken_at.items() if self._is_full(slots, now, few=few)]

    def _is_full(self, slots: Mapping[str, float], now: float, *, few: bool) -> bool:
        return len(slots) >= self._most or (few and sum(now - at < _YOUNG for at in slots.values()) >= _FEW)

    def _has_neighbours(self, now: float) -> bool:
        return sum(now - at < _NEIGHBOUR for at in self._leased_at.values()) > 1

    def _look(self, now: float) -> None:
        """Measure how much of a core was wanted since the last look."""
        if now - self._looked_at >= _LOOK:
            count = self._count()
            if (count - self._wanted) / (now - self._looked_at) > _SHORT:
                self._short_until = now + _STAYS
            self._looked_at, self._wanted = now, count
