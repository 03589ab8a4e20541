"""All that a look-up by meaning asks of one tenant's articles, in memory while the tenant is asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from wecom_bot.adapters.search import hybrid
from wecom_bot.adapters.search.asked import distinct, telling_more
from wecom_bot.adapters.search.confidence import Ranked, featured
from wecom_bot.adapters.search.meaning import Meaning
from wecom_bot.adapters.search.validity import Validity
from wecom_bot.adapters.search.word_index import WordIndex

if TYPE_CHECKING:
    from wecom_bot.adapters.search.embedding import Vector

_CANDIDATES = 10  # of each kind: by words, by the closest phrasing, by question with answer


@dataclass(frozen=True, slots=True)
class KnownArticles:
    """What was read of articles 0..n-1; `digest` tells of which (tenant_index.Stamp)."""

    digest: str
    meaning: Meaning
    words: WordIndex
    validity: Validity = field(default_factory=Validity)

    def rank(self, query: str, vector: "Vector", now: datetime) -> list[Ranked]:
        """The likeliest of the articles that are valid now, the likeliest first; the vector is the query's."""
        question = distinct(query)
        if not question:
            return []
        shut = self.validity.shut(now.timestamp())
        near = self.meaning.near(vector, _CANDIDATES, shut)
        numbers = sorted(near.numbers.union(self.words.best(telling_more(question), _CANDIDATES, shut)))
        if not numbers:
            return []
        features = {key: found for key, _, found in featured(*self.words.common(question, numbers))}
        return hybrid.rank(features, {self.words.keys[number]: near.closeness(number) for number in numbers})
