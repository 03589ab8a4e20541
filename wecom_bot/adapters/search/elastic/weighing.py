"""The candidates as the ranker has them: each phrasing with its mass, which depends on all that the tenant wrote.

So the index is asked how many articles contain the words of the candidates. What it said is remembered for as long as
the collection stays the same, and most candidates were candidates before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wecom_bot.adapters.search.confidence import MeantArticle, Vocabulary
from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.adapters.search.elastic.found import Collection
from wecom_bot.adapters.search.remembered import Remembered
from wecom_bot.domain.message import CorpId

Count = Callable[[CorpId, Sequence[str]], Mapping[str, int]]
"""How many articles of the tenant's contain each of these tokens, but for those that none contains."""

_Key = tuple[str, str]
_MOST_ARTICLES = 5_000  # with their phrasings, some 10 MB
_MOST_TOKENS = 100_000


@dataclass(frozen=True, slots=True)
class Weighing:
    """Remembers by the collection's stamp, so that it is never out of date."""

    count: Count
    _meant: Remembered[_Key, MeantArticle] = field(
        init=False, default_factory=lambda: Remembered(_MOST_ARTICLES, lambda each: 1 + len(each.phrasings))
    )
    _counts: Remembered[str, int] = field(init=False, default_factory=lambda: Remembered(_MOST_TOKENS))

    def __call__(
        self, corp_id: CorpId, collection: Collection, found: Sequence[FoundDocument]
    ) -> Sequence[MeantArticle]:
        """The candidates, in their order."""
        documents = {(each.key, each.version): each for each in found}
        if not found:
            return ()
        stamp = f"{corp_id}/{collection.stamp}/{found[0].version.partition('/')[0]}"

        def weighed(unknown: Sequence[_Key]) -> Mapping[_Key, MeantArticle]:
            pieces = dict.fromkeys(piece for each in unknown for _, way in documents[each].ways for piece in way)
            vocabulary = Vocabulary(collection.size, self._counted(corp_id, stamp, collection, list(pieces)))
            return {each: documents[each].meant(vocabulary) for each in unknown}

        return list(self._meant.get(stamp, list(documents), weighed).values())

    def _counted(self, corp_id: CorpId, stamp: str, collection: Collection, tokens: Sequence[str]) -> Mapping[str, int]:
        def asked(unknown: Sequence[str]) -> Mapping[str, int]:
            counted = {token: collection.counts[token] for token in unknown if token in collection.counts}
            if new := [token for token in unknown if token not in counted]:
                counted |= self.count(corp_id, new)
            return {token: counted.get(token, 0) for token in unknown}

        return self._counts.get(stamp, tokens, asked)
