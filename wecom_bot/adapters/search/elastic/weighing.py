"""The candidates as the ranker has them: each phrasing with its mass, which depends on all that the tenant wrote.

So the index is asked how many articles contain the words of the candidates. What it said is remembered for as long as
the collection stays the same, and most candidates were candidates before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from wecom_bot.adapters.search.confidence import MeantArticle, Vocabulary
from wecom_bot.adapters.search.elastic.asking import TenantQuestion
from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.adapters.search.elastic.found import Collection, FoundArticles
from wecom_bot.adapters.search.remembered import Remembered
from wecom_bot.domain.message import CorpId

Count = Callable[[CorpId, Sequence[str]], Mapping[str, int]]
"""How many articles of the tenant's contain each of these tokens, but for those that none contains."""

_Key = tuple[str, str]
_MOST_OF_ARTICLES = 700_000  # tokens, in some 30 MB
_MOST_TOKENS = 100_000


@dataclass(frozen=True, slots=True)
class Weighing:
    """Remembers by the collection's stamp, so that it is never out of date."""

    count: Count
    _meant: Remembered[_Key, MeantArticle] = field(
        init=False, default_factory=lambda: Remembered(_MOST_OF_ARTICLES, lambda each: each.size)
    )
    _counts: Remembered[str, int] = field(init=False, default_factory=lambda: Remembered(_MOST_TOKENS))
    _stamps: dict[CorpId, str] = field(init=False, default_factory=dict)

    def uncounted(self, corp_id: CorpId, tokens: Sequence[str]) -> Sequence[str]:
        """Those whose number is not remembered of the collection as it was last seen."""
        return self._counts.unknown(self._stamps.get(corp_id, ""), tokens)

    def __call__(
        self, question: TenantQuestion, found: FoundArticles, candidates: Sequence[FoundDocument]
    ) -> tuple[Vocabulary, Sequence[MeantArticle]]:
        """How rare the question's tokens are, and the candidates in their order."""
        documents = {(each.key, each.version): each for each in candidates}
        stamp = f"{question.corp_id}/{found.collection.stamp}/{found.index}"
        self._stamps[question.corp_id] = stamp

        def vocabulary(tokens: Sequence[str]) -> Vocabulary:
            counts = self._counted(question.corp_id, stamp, found.collection, tokens)
            return Vocabulary(found.collection.size, counts)

        def weighed(unknown: Sequence[_Key]) -> Mapping[_Key, MeantArticle]:
            pieces = (piece for each in unknown for _, way in documents[each].ways for piece in way)
            of_all = vocabulary(list(dict.fromkeys(chain(pieces, question.tokens))))  # in one trip
            return {each: documents[each].meant(of_all) for each in unknown}

        meant = self._meant.get(stamp, list(documents), weighed) if documents else {}
        return vocabulary(question.tokens), list(meant.values())

    def _counted(self, corp_id: CorpId, stamp: str, collection: Collection, tokens: Sequence[str]) -> Mapping[str, int]:
        def asked(unknown: Sequence[str]) -> Mapping[str, int]:
            counted = {token: collection.counts[token] for token in unknown if token in collection.counts}
            if new := [token for token in unknown if token not in counted]:
                counted |= self.count(corp_id, new)
            return {token: counted.get(token, 0) for token in unknown}

        return self._counts.get(stamp, tokens, asked)
