"""What documents say, in memory: fetched once for each version, since most candidates were candidates before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.domain.message import CorpId

Fetch = Callable[[CorpId, Sequence[str]], Sequence[FoundDocument]]
"""The documents of these ids that are there."""

_MOST = 20_000  # phrasings, in some 10 MB


@dataclass(slots=True)
class KnownDocuments:
    """By id and version: none is out of date, whichever copy of the index was asked. Forgets all when it is full."""

    fetch: Fetch
    _held: dict[tuple[str, str], FoundDocument] = field(init=False, default_factory=dict)
    _weight: int = field(init=False, default=0)

    def __call__(self, corp_id: CorpId, versions: Mapping[str, str]) -> dict[str, FoundDocument]:
        """Those of these documents that are still there, in their order."""
        known = {name: held for name, version in versions.items() if (held := self._held.get((name, version)))}
        if missing := [name for name in versions if name not in known]:
            for each in self.fetch(corp_id, missing):
                known[each.name] = each
                self._hold(each)
        return {name: known[name] for name in versions if name in known}

    def _hold(self, document: FoundDocument) -> None:
        if self._weight > _MOST:
            self._held.clear()
            self._weight = 0
        self._held[document.name, document.version] = document
        self._weight += 1 + len(document.ways)
