"""Turns and tenants for the tests of the stages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import Channel, Choice, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.domain.tenant import Tenant

CORP = CorpId("ww_turns")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WHERE = ConversationId(CORP, Channel.KF, "wk1", "wm1")


def tenant(**changes: object) -> Tenant:
    return Tenant.model_validate({"corp_id": CORP} | changes)


def message(text: str = "", *, menu_id: str | None = None, kind: MessageKind = MessageKind.TEXT) -> InboundMessage:
    return InboundMessage(MessageId("m1"), WHERE, "shop", kind, NOON, text, menu_id)


def turn(
    *messages: str | InboundMessage, offered: tuple[Choice, ...] = (), misses: int = 0, intent: str | None = None
) -> Turn:
    state = DialogState("wm1-1", NOON, NOON, intent=intent, offered=offered, misses=misses)
    said = tuple(message(each) if isinstance(each, str) else each for each in messages)
    return Turn(WHERE, said, "trace", NOON, state)


@dataclass
class RankedArticles:
    """A SearchIndex that finds what it was told to, and remembers what it was asked."""

    articles: dict[str, Article] = field(default_factory=dict)
    scores: tuple[tuple[str, float], ...] = ()
    asked: list[tuple[CorpId, str, int]] = field(default_factory=list)

    @classmethod
    def of(cls, *articles: Article, **scores: float) -> "RankedArticles":
        return cls({article.article_id: article for article in articles}, tuple(scores.items()))

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        self.asked.append((corp_id, query, limit))
        return [self._passage(article_id, score) for article_id, score in self.scores[:limit]]

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self._passage(article_id, 1.0) if corp_id == CORP and article_id in self.articles else None

    def _passage(self, article_id: str, score: float) -> Passage:
        article = self.articles[article_id]
        return Passage(article_id, article.question, article.answer, score, article.question)
