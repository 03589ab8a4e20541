"""What an engine elsewhere answers from, by what is known here of those who fill it."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from wecom_bot.adapters.search.background import Background
from wecom_bot.domain.knowledge import KnowledgeState, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Clock

_FORGET = timedelta(minutes=10)  # after the last question


@dataclass(slots=True)
class FollowedKnowledge:
    """Implements ports.KnowledgeStates for articles that one indexer of all processes brings to the engine.

    `whole` tells the revision of each tenant's articles that are all there, `edges` when any of them begin or end to be
    valid. They are asked every so often, beside answering; while they cannot tell, what they told last holds, for
    nobody can change anything then.
    """

    whole: Callable[[], Mapping[CorpId, int]]
    edges: Callable[[CorpId], Sequence[datetime]]
    mode: SearchMode
    model: str
    clock: Clock
    every: timedelta = timedelta(seconds=1)
    _asked: dict[CorpId, float] = field(init=False, default_factory=dict)
    _known: dict[CorpId, tuple[int, Sequence[datetime]]] = field(init=False, default_factory=dict)
    _background: Background = field(init=False)

    def __post_init__(self) -> None:
        self._background = Background("knowledge", self._look, self.every)

    def start(self) -> None:
        """Keep asking, until `stop`; after a fork."""
        self._background.start()

    def stop(self) -> None:
        """End it."""
        self._background.stop()

    def state(self, corp_id: CorpId) -> KnowledgeState | None:
        self._asked[corp_id] = monotonic()
        known = self._known.get(corp_id)
        if known is None:
            return None
        revision, edges = known
        return KnowledgeState(f"{revision}.{bisect_right(edges, self.clock.now())}", self.mode, self.model)

    def _look(self) -> None:
        for corp_id, at in list(self._asked.items()):
            if monotonic() - at > _FORGET.total_seconds():
                self._asked.pop(corp_id)
                self._known.pop(corp_id, None)
        if not self._asked:
            return
        with suppress(TemporaryFailure):  # who looks after the tenants says that SQL is away
            whole = self.whole()
            for corp_id in list(self._asked):
                self._follow(corp_id, whole.get(corp_id))

    def _follow(self, corp_id: CorpId, revision: int | None) -> None:
        known = self._known.get(corp_id)
        if revision is None:
            self._known.pop(corp_id, None)
        elif known is None or known[0] != revision:
            self._known.pop(corp_id, None)
            self._known[corp_id] = revision, self.edges(corp_id)
