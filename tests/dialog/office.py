"""A shop with office hours, and talks with its bot: whole dialogues through the standard pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.dialog.turns import CORP, NOON, WHERE, Desk, ShopOrders, message, order, tenant
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import FALLBACK, DialogState, Intent, Turn, Understanding
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Likeness

MINE = "202611200001"
FREIGHT = "满 99 元包邮。"
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12}(?![0-9])", "ask": "订单号？"}
INTENTS = [
    {"name": "order", "slots": [ORDER_ID], "lookup": "order"},
    {"name": "damage", "handoff": True},
    {"name": "greeting"},
]
OFFICE = {"weekly": {"mon-fri": ["09:00-18:00"]}}
OPEN, CLOSED = NOON - timedelta(hours=8), NOON + timedelta(hours=1)  # Friday 12:00 and 21:00 in Shanghai


def shop(**changes: Any) -> Tenant:
    accounts = [{"open_kfid": "wk1", "app": "shop", "hours": OFFICE}]
    apps = [
        {"name": "shop", "agent_id": 7, "servicers": ["ZhangSan"], "hours": OFFICE},
        {"name": "bare", "agent_id": 8},
    ]
    return tenant(**{"apps": apps, "kf_accounts": accounts, "intents": INTENTS, "recognizers": ["rules"]} | changes)


SHOP = shop()
PHRASES = SHOP.phrases
SAYS_CLOSED = PHRASES.closed.replace("{hours}", "周一至周五 09:00-18:00")


@dataclass(frozen=True)
class ByWord:
    """Recognises an intent by a word of the text."""

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        assert tenant.corp_id == CORP
        words = {"查订单": "order", "碎了": "damage", "你好": "greeting"}
        named = (Intent(intent, 0.9) for word, intent in words.items() if word in turn.text)
        return Understanding(next(named, FALLBACK))


@dataclass(frozen=True)
class Freight:
    """A library with one article, which whatever names the freight finds."""

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:  # noqa: ARG002 - one article
        found = self.get(corp_id, "freight")
        return [replace(found, score=0.8)] if found and "运费" in query else []

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        assert corp_id == CORP
        return Passage("freight", "运费多少", FREIGHT, 1.0) if article_id == "freight" else None


@dataclass
class Talk:
    """A customer and the bot, at one time of the day."""

    at: datetime = OPEN
    desk: Desk = field(default_factory=Desk)
    shop: Tenant = SHOP
    where: Any = WHERE
    state: DialogState = field(default_factory=lambda: DialogState("wm1-1", NOON, NOON))
    turn: Turn | None = None
    likeness: Likeness | None = None

    def hears(self, *said: str | InboundMessage) -> str:
        """What the bot answers."""
        orders = ShopOrders([order(MINE)])
        think = standard(Freight(), Chain({"rules": ByWord()}), orders, self.desk, likeness=self.likeness)
        messages = tuple(message(each) if isinstance(each, str) else each for each in said)
        self.turn = think(self.shop, Turn(self.where, messages, "trace", self.at, self.state))
        self.state = self.turn.state
        assert self.turn.reply is not None
        return self.turn.reply.text

    @property
    def outcome(self) -> tuple[str, str]:
        """Why a servicer was called, and why a human has to look at it later."""
        assert self.turn is not None
        return self.turn.handoff.reason if self.turn.handoff else "", self.turn.request


def waiting(**changes: Any) -> Talk:
    """After a wish for a human that came too late in the day."""
    talk = Talk(at=CLOSED, **changes)
    talk.hears("转人工")
    return talk


IMAGE = message(kind=MessageKind.IMAGE)


RULES = {"words": ["投诉"], "kinds": ["video", "file"]}
