"""Knowledge: what a tenant wrote, and the piece that answers."""

from dataclasses import dataclass
from enum import StrEnum

from wecom_bot.domain.message import Attachment


@dataclass(frozen=True, slots=True)
class Article:
    """One question with its answer; `similar` are other ways to ask it. Ids are unique within the tenant.

    `careful`: a wrong answer would be dear (money, privacy, law), so it is given only from `thresholds.careful` on.
    """

    article_id: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    careful: bool = False


class SearchMode(StrEnum):
    """How passages were ranked: by words alone, or by words and meaning."""

    LEXICAL = "lexical"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class Passage:
    """An article that may answer; `matched` is the phrasing that matched; `score` in 0..1, 1 for the same words.

    `words` and `meaning` are how much of it, in 0..1, speaks for the article, each on its own; without a model there is
    no `meaning`. Passages of one search have one `mode`; a passage that was asked for by its id has none.
    """

    article_id: str
    question: str
    answer: str
    score: float
    matched: str = ""
    attachments: tuple[Attachment, ...] = ()
    mode: SearchMode | None = None
    words: float | None = None
    meaning: float | None = None
    careful: bool = False
