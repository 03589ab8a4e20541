"""How articles are saved: proved beside what there is, and only if that is still so when they are written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wecom_bot.domain.draft import BadLine
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ChangedMeanwhile
from wecom_bot.ports import ArticleBook

_TRIES, _MORE_TRIES = 3, 30  # of all articles, which takes seconds; of a few, where others at it are others' articles

Proved = tuple[list[Article], list[BadLine]]
"""The articles to keep, and the lines that are left out."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was proved, which of it was `new`, what there was before; and the `revision` at which all this is so."""

    before: Mapping[str, Article]
    good: list[Article]
    new: list[Article]
    bad: list[BadLine]
    revision: int


def keep(
    articles: ArticleBook,
    corp_id: CorpId,
    author: str,
    prove: Callable[[Mapping[str, Article]], Proved],
    beside: Callable[[], Sequence[Article]] | None = None,
) -> Kept:
    """Save what the proof gives (optimistic locking); `beside` gives what it is proved beside, where not all is needed.

    Raises what the proof raises; ChangedMeanwhile, TemporaryFailure.
    """
    tries = _MORE_TRIES if beside else _TRIES
    for last in range(1, tries + 1):
        seen = articles.revision(corp_id)  # before the articles: what changes between is noticed
        before = {article.article_id: article for article in (beside() if beside else articles.load(corp_id))}
        good, bad = prove(before)
        new = [article for article in good if article != before.get(article.article_id)]
        try:
            articles.save(corp_id, new, author, seen)
        except ChangedMeanwhile:
            if last == tries:
                raise
        else:
            return Kept(before, good, new, bad, seen + bool(new))
    raise AssertionError("the last try returns or raises")
