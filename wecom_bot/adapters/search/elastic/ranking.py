"""From what was found to a ranking: by the one ranker, so that a score means the same whatever the engine."""

from collections.abc import Mapping, Sequence

from wecom_bot.adapters.search import confidence, hybrid
from wecom_bot.adapters.search.confidence import MeantArticle, Ranked, Vocabulary
from wecom_bot.adapters.search.elastic.document import FoundDocument
from wecom_bot.adapters.search.elastic.found import Cosines
from wecom_bot.adapters.search.hybrid import Closeness

Near = tuple[Cosines, Cosines]
"""How close the candidates are: by phrasing, and as a whole."""


def by_words(tokens: Sequence[str], vocabulary: Vocabulary, meant: Sequence[MeantArticle]) -> list[Ranked]:
    """The candidates that have something in common with the question, the likeliest first."""
    return confidence.rank(tokens, meant, vocabulary)


def by_meaning(
    tokens: Sequence[str],
    vocabulary: Vocabulary,
    meant: Sequence[MeantArticle],
    documents: Sequence[FoundDocument],
    near: Near,
) -> list[Ranked]:
    """The candidates, the likeliest first, by words and meaning."""
    compared = confidence.compare(tokens, meant, vocabulary)
    close = _close(documents, near, {key: matched for key, matched, _ in compared})
    return hybrid.rank({key: features for key, _, features in compared}, close)


def _close(documents: Sequence[FoundDocument], near: Near, matched: Mapping[str, str]) -> dict[str, Closeness]:
    """Of each candidate; one that no phrasing brought here shows the one that shares most words."""
    phrasings, wholes = near
    close = {}
    for each in documents:
        place = phrasings.phrasings.get(each.key)
        way = matched.get(each.key, each.question)
        if place is not None and place < len(each.ways):  # it may have been changed after it was found
            way = each.ways[place][0]
        close[each.key] = Closeness(phrasings.cosine(each.key), wholes.cosine(each.key), way)
    return close
