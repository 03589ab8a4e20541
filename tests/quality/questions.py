"""Question sets: who asks what, and which article is right."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wecom_bot.adapters.search.confidence import MeantArticle, Phrasing, Vocabulary
from wecom_bot.adapters.search.text import tokens
from wecom_bot.domain.knowledge import Article

DATA = Path(__file__).parents[1] / "data"
RETAIL = Path(__file__).parents[2] / "wecom_bot" / "simulators" / "samples" / "retail_faq.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """`right` is the article that answers, or None if none does."""

    text: str
    right: str | None


def articles(path: Path = RETAIL) -> list[Article]:
    return [
        Article(row["id"], row["question"], row["answer"], tuple(row.get("similar", ())))
        for row in map(json.loads, path.read_text("utf-8").splitlines())
    ]


def questions(path: Path) -> list[Question]:
    return [Question(row["query"], row.get("gold")) for row in map(json.loads, path.read_text("utf-8").splitlines())]


def held_out(written: Sequence[Article]) -> Iterator[tuple[Question, list[Article]]]:
    """Each phrasing as a question to a collection that lacks it, and to one that lacks its whole article."""
    for article in written:
        others = [other for other in written if other is not article]
        ways = (article.question, *article.similar)
        for way in ways:
            yield Question(way, None), others
            if len(ways) == 1:
                continue
            question, *similar = (other for other in ways if other != way)
            yield (
                Question(way, article.article_id),
                [*others, replace(article, question=question, similar=tuple(similar))],
            )


def collection(written: Sequence[Article]) -> tuple[list[MeantArticle], Vocabulary]:
    """What the index would hold of the articles."""
    asked = [[(way, frozenset(tokens(way))) for way in (each.question, *each.similar)] for each in written]
    answers = [frozenset(tokens(each.answer)) for each in written]
    counts = Counter(
        token
        for ways, answer in zip(asked, answers, strict=True)
        for token in answer.union(*(pieces for _, pieces in ways))
    )
    vocabulary = Vocabulary(len(written), counts)
    candidates = [
        MeantArticle(
            each.article_id, tuple(Phrasing(way, pieces, vocabulary.mass(pieces)) for way, pieces in ways), answer
        )
        for each, ways, answer in zip(written, asked, answers, strict=True)
    ]
    return candidates, vocabulary
