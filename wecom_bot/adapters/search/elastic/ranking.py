"""From what was found to a ranking: by the one ranker, so that a score means the same whatever the engine."""

from collections.abc import Mapping, Sequence

from wecom_bot.adapters.search import confidence, hybrid
from wecom_bot.adapters.search.confidence import MeantArticle, Ranked, Vocabulary
from wecom_bot.adapters.search.elastic.found import Cosines, FoundArticles
from wecom_bot.adapters.search.hybrid import Closeness


def rank(tokens: Sequence[str], found: FoundArticles, meant: Sequence[MeantArticle]) -> list[Ranked]:
    """The candidates, the likeliest first: by words and meaning where it is known how close they are."""
    vocabulary = Vocabulary(found.collection.size, found.collection.counts)
    if found.near is None:
        return confidence.rank(tokens, meant, vocabulary)
    compared = confidence.compare(tokens, meant, vocabulary)
    close = _close(found, *found.near, {key: matched for key, matched, _ in compared})
    return hybrid.rank({key: features for key, _, features in compared}, close)


def _close(
    found: FoundArticles, phrasings: Cosines, wholes: Cosines, matched: Mapping[str, str]
) -> dict[str, Closeness]:
    """Of each candidate; one that no phrasing brought here shows the one that shares most words."""
    close = {}
    for document, each in found.candidates.items():
        place = phrasings.phrasings.get(document)
        way = matched.get(each.key, each.question) if place is None else each.ways[place][0]
        close[each.key] = Closeness(phrasings.cosine(document), wholes.cosine(document), way)
    return close
