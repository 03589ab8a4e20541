"""Is a new index what SQL has? Counted, and asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import IndexUnproved
from wecom_bot.ports import IndexProbe, IndexStandings, PoisonList
from wecom_bot.text.folding import letters

_FOUND_AT_LEAST = 0.99
"""Of the sampled questions: two articles may ask the same in other words."""
_BY_WORDS = 5
"""Of so many sampled questions one is asked by its words, too, at least one a tenant: it takes ten times as long."""


@dataclass(frozen=True, slots=True)
class ProveIndex:
    """Count a tenant's articles in an index, and ask it some of their own questions."""

    standings: IndexStandings
    probe: IndexProbe
    poison: PoisonList

    def refused(self, corp_id: CorpId, index: str) -> frozenset[str]:
        """The articles that it did not take."""
        return frozenset(each.article_id for where, each in self.poison.of(corp_id) if where == index)

    def count(self, corp_id: CorpId, index: str) -> tuple[int, int]:
        """How many can be found in it; how many there should be, those that it refused left out."""
        return self.probe.count(corp_id, index), self.standings.written(corp_id) - len(self.refused(corp_id, index))

    def ask(self, corp_id: CorpId, index: str, sample: Sequence[Article], before: str | None) -> None:
        """Each article is found best by its own question, or what the index `before` finds. Raises IndexUnproved.

        A question without words (？？？, 😀) finds nothing in any index. By its words it is found, or one much like it.
        """
        sample = [each for each in sample if letters(each.question)]
        unfound = [each for each in sample if not self._found(corp_id, index, each, before)]
        unfound += [each for each in sample[::_BY_WORDS] if not self.probe.finds(corp_id, index, each.question)]
        lost = sorted({each.article_id for each in unfound})
        if len(lost) > len(sample) * (1 - _FOUND_AT_LEAST):
            raise IndexUnproved(
                f"{corp_id}：新索引 {index} 里，抽查的 {len(sample)} 条有 {len(lost)} 条用自己的问题找不到"
                f" / of {len(sample)} articles {len(lost)} are not found by their own question: {', '.join(lost[:5])}"
            )

    def _found(self, corp_id: CorpId, index: str, article: Article, before: str | None) -> bool:
        best = self.probe.best(corp_id, index, article.question)
        if article.article_id in best:
            return True
        if before is None or not best:
            return False
        return set(best) == set(self.probe.best(corp_id, before, article.question))
