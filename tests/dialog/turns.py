"""Turns and tenants for the tests of the stages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.domain.order import Order
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure, WecomBotError
from wecom_bot.ports import Written

CORP = CorpId("ww_turns")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WHERE = ConversationId(CORP, Channel.KF, "wk1", "wm1")


def tenant(**changes: object) -> Tenant:
    return Tenant.model_validate({"corp_id": CORP} | changes)


def message(text: str = "", *, menu_id: str | None = None, kind: MessageKind = MessageKind.TEXT) -> InboundMessage:
    return InboundMessage(MessageId("m1"), WHERE, "shop", kind, NOON, text, menu_id)


def turn(*messages: str | InboundMessage, **state: Any) -> Turn:
    """A turn over these messages; what else is named is of its dialog state."""
    said = tuple(message(each) if isinstance(each, str) else each for each in messages)
    return Turn(WHERE, said, "trace", NOON, DialogState("wm1-1", NOON, NOON, **state))


@dataclass
class RankedArticles:
    """A SearchIndex that finds what it was told to, or raises, and remembers what it was asked."""

    articles: dict[str, Article] = field(default_factory=dict)
    scores: tuple[tuple[str, float], ...] = ()
    asked: list[tuple[CorpId, str, int]] = field(default_factory=list)
    error: WecomBotError | None = None

    @classmethod
    def of(cls, *articles: Article, **scores: float) -> "RankedArticles":
        return cls({article.article_id: article for article in articles}, tuple(scores.items()))

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        self.asked.append((corp_id, query, limit))
        if self.error:
            raise self.error
        return [self._passage(article_id, score) for article_id, score in self.scores[:limit]]

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        if self.error:
            raise self.error
        return self._passage(article_id, 1.0) if corp_id == CORP and article_id in self.articles else None

    def _passage(self, article_id: str, score: float) -> Passage:
        article = self.articles[article_id]
        return Passage(article_id, article.question, article.answer, score, article.question, article.attachments)


@dataclass
class Desk:
    """A Duty: somebody is there, or nobody, or nobody can tell; it remembers whom it was asked for."""

    staffed: bool = True
    error: WecomBotError | None = None
    asked: list[ConversationId] = field(default_factory=list)

    def anyone(self, conversation: ConversationId) -> bool:
        self.asked.append(conversation)
        if self.error:
            raise self.error
        return self.staffed


@dataclass
class ShopOrders:
    """Orders in memory; `away` makes looking fail."""

    orders: list[Order] = field(default_factory=list)
    away: bool = False

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:
        if self.away:
            raise TemporaryFailure("the orders are away")
        own = (each for each in self.orders if (corp_id, each.customer, each.order_id) == (CORP, customer, order_id))
        return next(own, None)

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:
        assert corp_id == CORP
        self.orders += (more := list(orders))
        return len(more)


@dataclass
class Scribe:
    """A ReplyWriter with one thing to say, or one error to raise; it remembers the turns that it was given."""

    text: str = "好的呢"
    error: Exception | None = None
    given: list[Turn] = field(default_factory=list)

    def write(self, tenant: Tenant, turn: Turn) -> Written:
        assert tenant.coze.bot_id
        self.given.append(turn)
        if self.error:
            raise self.error
        return Written(self.text, memory=f"conversation-{len(self.given)}")


def order(order_id: str = "7878137872105389870", customer: str = "wm1", **changes: Any) -> Order:
    at = datetime(2026, 11, 20, 2, tzinfo=UTC)
    return replace(Order(order_id, customer, "已发货", "顺丰 SF1 已到杭州", at), **changes)
