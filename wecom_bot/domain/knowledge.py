"""Knowledge: what a tenant wrote, and the piece that answers."""

from dataclasses import dataclass

from wecom_bot.domain.message import Attachment


@dataclass(frozen=True, slots=True)
class Article:
    """One question with its answer; `similar` are other ways to ask it. Ids are unique within the tenant."""

    article_id: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """An article that may answer; `matched` is the phrasing that matched; `score` in 0..1, 1 for the same words."""

    article_id: str
    question: str
    answer: str
    score: float
    matched: str = ""
    attachments: tuple[Attachment, ...] = ()
