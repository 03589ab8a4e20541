"""Knowledge: what a tenant wrote, and the piece that answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wecom_bot.domain.message import Attachment


@dataclass(frozen=True, slots=True)
class Article:
    """One question with its answer; `similar` are other ways to ask it. Ids are unique within the tenant.

    `careful`: a wrong answer would be dear (money, privacy, law), so it is given only from `thresholds.careful` on.
    `tags` are for those who keep the articles. Customers find it from `valid_from` on and before `valid_until`, both
    aware; None for always.
    """

    article_id: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    careful: bool = False
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def valid_at(self, moment: datetime) -> bool:
        """Whether customers may find it at an aware moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a log of changes was read: all of `revision`, or of it only the articles up to `article_id`, by id."""

    revision: int = 0
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """What an article says from a revision of its tenant's articles on; None where it was removed."""

    article_id: str
    revision: int
    article: Article | None

    @property
    def position(self) -> Position:
        """Where to go on behind this change."""
        return Position(self.revision, self.article_id)


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """What an article said from a revision on, by whom and since when; without `article` it was removed.

    `author` is empty where nobody knows: a program wrote it that did not say.
    """

    article_id: str
    revision: int
    author: str
    saved_at: datetime
    article: Article | None


class SearchMode(StrEnum):
    """How passages were ranked: by words alone, or by words and meaning."""

    LEXICAL = "lexical"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class KnowledgeState:
    """What a search is answered from: the `revision` of what the tenant wrote, how it is ranked, and by which model.

    Two searches upon equal states find the same. `revision` is opaque, and no number to go by.
    """

    revision: str
    mode: SearchMode
    model: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """An article that may answer; `matched` is the phrasing that matched; `score` in 0..1, 1 for the same words.

    `words` and `meaning` are how much of it, in 0..1, speaks for the article, each on its own; without a model there is
    no `meaning`. Passages of one search have one `mode`; a passage that was asked for by its id has none. `valid_until`
    is the article's: what is made of a passage must not be kept longer.
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
    valid_until: datetime | None = None
