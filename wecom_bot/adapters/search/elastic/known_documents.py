"""What documents say, in memory: fetched once for each version, since most candidates were candidates before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.domain.message import CorpId

_MOST = 20_000  # phrasings, in some 10 MB


@dataclass(slots=True)
class KnownDocuments:
    """By tenant, article and version: none is out of date, whichever copy of the index was asked.

    Forgets all when it is full.
    """

    _held: dict[tuple[CorpId, str, str], FoundDocument] = field(init=False, default_factory=dict)
    _weight: int = field(init=False, default=0)

    def of(self, corp_id: CorpId, versions: Mapping[str, str]) -> dict[str, FoundDocument]:
        """Those that are known, by article."""
        return {key: held for key, version in versions.items() if (held := self._held.get((corp_id, key, version)))}

    def hold(self, corp_id: CorpId, documents: Iterable[FoundDocument]) -> None:
        """Know these, too."""
        if self._weight > _MOST:
            self._held.clear()
            self._weight = 0
        for each in documents:
            self._held[corp_id, each.key, each.version] = each
            self._weight += 1 + len(each.ways)
