"""What the index keeps of an article to show it, and the passage that comes of that."""

from datetime import UTC, datetime

from wecom_bot.domain.attachments import dumped, loaded
from wecom_bot.domain.knowledge import Article, Passage, SearchMode

COLUMNS = "article_id, question, answer, attachments, careful, valid_until"
Shown = tuple[str, str, str, str, bool, float | None]
"""These columns of an article."""


def kept(article: Article) -> Shown:
    """What is written of it."""
    return (
        article.article_id,
        article.question,
        article.answer,
        dumped(article.attachments),
        article.careful,
        article.valid_until.timestamp() if article.valid_until else None,
    )


def passage(
    shown: Shown,
    score: float,
    matched: str,
    mode: SearchMode | None = None,
    words: float | None = None,
    meaning: float | None = None,
) -> Passage:
    """The article as it was found (see Passage)."""
    article_id, question, answer, attachments, careful, until = shown
    return Passage(
        article_id,
        question,
        answer,
        score,
        matched,
        loaded(attachments),
        mode,
        words,
        meaning,
        bool(careful),
        None if until is None else datetime.fromtimestamp(until, UTC),
    )
