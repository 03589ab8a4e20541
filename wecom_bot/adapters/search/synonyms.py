"""A question asked in the tenant's other words of the same meaning, too: above the engine, so that all share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.synonyms import rephrased
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import SearchIndex


@dataclass(frozen=True, slots=True)
class SynonymSearch:
    """Implements ports.SearchIndex (query expansion): each article counts as in the words that suit it best.

    `tenant` gives who asks as they are now, with their groups of words.
    """

    index: SearchIndex
    tenant: Callable[[CorpId], Tenant]

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        found = self.index.search(corp_id, query, limit)
        groups = self.tenant(corp_id).synonyms
        if not groups or (found and found[0].score == 1):
            return found
        others = rephrased(query, groups)
        if not others:
            return found
        return _best([found, *(self.index.search(corp_id, other, limit) for other in others)], limit)

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self.index.get(corp_id, article_id)


def _best(answers: Sequence[Sequence[Passage]], limit: int) -> Sequence[Passage]:
    """The best passage of each article; of one mode, for the scores of two are two rankings' own."""
    best: dict[str, Passage] = {}
    mode = next((passage.mode for passage in chain(*answers)), None)
    for passage in chain(*answers):
        known = best.get(passage.article_id)
        if passage.mode is mode and (known is None or passage.score > known.score):
            best[passage.article_id] = passage
    return sorted(best.values(), key=lambda passage: (-passage.score, passage.article_id))[:limit]
