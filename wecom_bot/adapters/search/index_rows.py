"""Articles as rows of the index file: most of the work, done before anybody has to wait for the file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.adapters.search.confidence import Vocabulary
from wecom_bot.adapters.search.pace import unhurried
from wecom_bot.adapters.search.shown import kept
from wecom_bot.adapters.search.text import sameness, tokens
from wecom_bot.adapters.search.validity import Dated, dated
from wecom_bot.domain.knowledge import Article


@dataclass(frozen=True, slots=True)
class _Analysed:
    """An article in tokens; `asked[0]` is its question."""

    article: Article
    asked: tuple[tuple[str, list[str]], ...]
    answer: list[str]

    @classmethod
    def of(cls, article: Article) -> "_Analysed":
        asked = tuple((text, tokens(text)) for text in (article.question, *article.similar))
        return cls(article, asked, tokens(article.answer))

    def distinct(self) -> set[str]:
        return set(self.answer).union(*(pieces for _, pieces in self.asked))


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An article as the tables hold it, but for the number of its tenant."""

    number: int
    words: tuple[str, str, str]
    article: tuple[str | bool | float | None, ...]
    phrasings: tuple[tuple[int, str, str, str, float], ...]
    dated: Dated | None

    @classmethod
    def of(cls, number: int, analysed: _Analysed, vocabulary: Vocabulary) -> "IndexRow":
        article, (question, *similar), answer = analysed.article, analysed.asked, " ".join(analysed.answer)
        return cls(
            number,
            (" ".join(question[1]), " ".join(piece for _, pieces in similar for piece in pieces), answer),
            (*kept(article), answer),
            tuple(
                (place, text, sameness(text), " ".join(pieces), vocabulary.mass(pieces))
                for place, (text, pieces) in enumerate(analysed.asked)
            ),
            dated(number, article),
        )


def prepare(articles: Sequence[Article]) -> Sequence[IndexRow]:
    """What tenant_index.write takes."""
    analysed = [_Analysed.of(article) for article in unhurried(articles)]
    counts: Counter[str] = Counter()
    for each in unhurried(analysed):
        counts.update(each.distinct())
    vocabulary = Vocabulary(len(analysed), counts)
    return [IndexRow.of(number, each, vocabulary) for number, each in unhurried(enumerate(analysed))]
