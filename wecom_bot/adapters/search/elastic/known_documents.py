"""What documents say, in memory: read once for each version, since most candidates were candidates before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wecom_bot.adapters.search.elastic.document import FoundDocument, version
from wecom_bot.adapters.search.elastic.found import Response
from wecom_bot.domain.message import CorpId

_MOST = 700_000  # tokens, in 20 to 60 MB: as many of long articles as of short ones


@dataclass(slots=True)
class KnownDocuments:
    """By tenant, article and version: none is out of date, whichever copy of the index was asked.

    Forgets all when it is full.
    """

    _held: dict[tuple[CorpId, str, str], FoundDocument] = field(init=False, default_factory=dict)
    _weight: int = field(init=False, default=0)

    def read(self, corp_id: CorpId, hits: Mapping[str, Response]) -> dict[str, FoundDocument]:
        """What was found, by article."""
        if self._weight > _MOST:
            self._held.clear()
            self._weight = 0
        return {
            article_id: self._document((corp_id, article_id, version(hit)), hit) for article_id, hit in hits.items()
        }

    def _document(self, key: tuple[CorpId, str, str], hit: Response) -> FoundDocument:
        known = self._held.get(key)
        if known is None:
            known = self._held[key] = FoundDocument.of(hit)
            self._weight += known.size
        return known
