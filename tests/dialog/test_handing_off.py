"""A wish for a human, whoever may come: whole dialogues through the standard pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.dialog.turns import CORP, NOON, WHERE, Desk, ShopOrders, message, order, tenant
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import FALLBACK, DialogState, Handoff, Intent, Turn, Understanding
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import Channel, CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, RateLimited, TemporaryFailure, WecomBotError

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
        assert (corp_id, article_id) == (CORP, "freight")
        return Passage("freight", "运费多少", FREIGHT, 1.0)


@dataclass
class Talk:
    """A customer and the bot, at one time of the day."""

    at: datetime = OPEN
    desk: Desk = field(default_factory=Desk)
    shop: Tenant = SHOP
    where: Any = WHERE
    state: DialogState = field(default_factory=lambda: DialogState("wm1-1", NOON, NOON))
    turn: Turn | None = None

    def hears(self, *said: str | InboundMessage) -> str:
        """What the bot answers."""
        orders = ShopOrders([order(MINE)])
        think = standard(Freight(), Chain({"rules": ByWord()}), orders, self.desk)
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


def test_inside_the_hours_with_somebody_there_it_is_handed_off() -> None:
    talk = Talk()
    assert talk.hears("转人工") == PHRASES.handoff
    assert talk.outcome == ("asked", "")
    assert not talk.state.leaving_message
    assert talk.desk.asked == [WHERE]


def test_outside_the_hours_the_customer_is_told_them_and_asked_for_a_message_and_nobody_is_called() -> None:
    talk = waiting()
    assert talk.turn is not None
    assert talk.turn.reply is not None
    assert talk.turn.reply.text == SAYS_CLOSED
    assert talk.outcome == ("", "asked")
    assert talk.state.leaving_message
    assert talk.desk.asked == []


def test_the_phrase_may_say_when_it_opens_next() -> None:
    talk = Talk(at=CLOSED, shop=shop(phrases={"closed": "{opens} 再来（{hours}）"}))
    assert talk.hears("转人工") == "5月4日 09:00 再来（周一至周五 09:00-18:00）"


def test_when_nobody_serves_a_message_is_asked_for() -> None:
    talk = Talk(desk=Desk(staffed=False))
    assert talk.hears("转人工") == PHRASES.nobody
    assert "请留下您的问题和联系方式" in PHRASES.nobody
    assert (talk.outcome, talk.state.leaving_message) == (("", "asked"), True)


@pytest.mark.parametrize(
    "error",
    [TemporaryFailure("away"), RateLimited("slow", timedelta(1)), Misconfigured("secret")],
    ids=lambda error: type(error).__name__,
)
def test_when_nobody_can_tell_somebody_is_called(error: WecomBotError) -> None:
    talk = Talk(desk=Desk(staffed=False, error=error))
    with capture_logs() as lines:
        assert talk.hears("转人工") == PHRASES.handoff
    assert talk.outcome == ("asked", "")
    assert [line["event"] for line in lines] == ["duty.unknown"]


def test_an_app_has_hours_and_servicers_of_its_own() -> None:
    talk = Talk(where=replace(WHERE, channel=Channel.APP, account="7"))
    assert talk.hears("转人工") == PHRASES.handoff
    assert Talk(talk.at + timedelta(hours=9), where=talk.where).hears("转人工") == SAYS_CLOSED
    bare = Talk(where=replace(WHERE, channel=Channel.APP, account="8"))
    assert bare.hears("转人工") == PHRASES.nobody
    assert (bare.outcome, bare.desk.asked) == (("", "asked"), [])


@pytest.mark.parametrize(
    "said", ["我的杯子三天没到，电话 13812345678", "你好，请联系我", "请让人工客服回我电话 13812345678"]
)
def test_the_next_words_are_the_message(said: str) -> None:
    talk = waiting()
    assert talk.hears(said) == PHRASES.message_taken
    assert talk.outcome == ("", "message")
    assert not talk.state.leaving_message
    assert talk.state.misses == 0


def test_after_the_message_the_bot_is_as_it_was() -> None:
    talk = waiting()
    talk.hears("我的杯子三天没到")
    assert talk.hears("天气怎么样") == PHRASES.unknown
    assert (talk.outcome, talk.state.misses) == (("", ""), 1)


def test_what_the_bot_surely_knows_is_answered_and_the_offer_stands() -> None:
    talk = waiting()
    assert talk.hears("运费多少") == FREIGHT
    assert talk.hears("查订单") == "订单号？"
    assert talk.hears(MINE).startswith(f"订单 {MINE}：")
    assert talk.state.leaving_message
    assert talk.hears("那请客服联系我的邻居") == PHRASES.message_taken


def test_a_bare_wish_is_answered_again_and_a_human_comes_once_there_is_one() -> None:
    talk = waiting()
    assert talk.hears("人工") == SAYS_CLOSED
    assert talk.state.leaving_message
    talk.at = OPEN
    assert talk.hears("请让人工客服回我电话") == PHRASES.handoff
    assert (talk.outcome, talk.state.leaving_message) == (("asked", ""), False)


def test_who_would_rather_leave_no_message_is_let_go() -> None:
    talk = waiting()
    assert talk.hears("算了，不用了") == PHRASES.cancelled
    assert (talk.outcome, talk.state.leaving_message) == (("", ""), False)


def test_an_image_is_no_message_and_the_offer_stands() -> None:
    talk = waiting()
    for _ in range(4):
        assert talk.hears(IMAGE) == PHRASES.unreadable
    assert talk.state.leaving_message


def test_the_third_miss_in_a_row_calls_a_human() -> None:
    talk = Talk()
    assert talk.hears("天气怎么样") == PHRASES.unknown
    assert talk.hears(IMAGE) == PHRASES.unreadable
    assert talk.turn is not None
    assert talk.turn.unsure
    assert talk.hears("讲个笑话") == PHRASES.handoff
    assert (talk.outcome, talk.state.misses) == (("misses", ""), 0)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    talk = Talk()
    for said in ("天气怎么样", "讲个笑话", "运费多少", "天气怎么样", "讲个笑话"):
        talk.hears(said)
    assert talk.outcome == ("", "")
    assert talk.state.misses == 2


def test_too_many_misses_outside_the_hours_ask_for_a_message() -> None:
    talk = Talk(at=CLOSED)
    said = [talk.hears(IMAGE) for _ in range(3)]
    assert said == [PHRASES.unreadable, PHRASES.unreadable, SAYS_CLOSED]
    assert talk.outcome == ("", "misses")


@pytest.mark.parametrize(("most", "expected"), [(1, ["misses"] * 4), (2, ["", "misses"] * 2), (0, [""] * 4)])
def test_how_many_misses_is_the_tenants_to_say(most: int, expected: list[str]) -> None:
    talk, called = Talk(shop=shop(handoff={"misses": most})), []
    for _ in range(4):
        talk.hears("天气怎么样")
        called.append(talk.outcome[0])
    assert called == expected


def test_a_blocked_word_is_no_miss_however_often_it_is_said() -> None:
    talk = Talk(shop=shop(blocked_words=["骗子"], handoff={"misses": 1}))
    assert [talk.hears("骗子") for _ in range(3)] == [PHRASES.blocked] * 3


RULES = {"words": ["投诉"], "kinds": ["video", "file"]}


@pytest.mark.parametrize(
    "said", ["我要投诉你们", "投 诉", "運費太贵，投訴", message(kind=MessageKind.VIDEO), "杯子碎了"]
)
def test_what_the_tenant_wants_humans_to_see_goes_to_them(said: str | InboundMessage) -> None:
    talk = Talk(shop=shop(handoff=RULES))
    assert talk.hears(said) == PHRASES.handoff
    assert talk.outcome == ("rule", "")


def test_a_topic_in_our_own_menu_is_none_of_the_customers() -> None:
    talk = Talk(shop=shop(handoff=RULES))
    talk.hears(message("怎么投诉", menu_id="x"))
    assert talk.outcome == ("", "")


@pytest.mark.parametrize("said", ["我要投诉，电话 13812345678", "杯子碎了，请联系我"])
def test_a_topic_in_a_message_for_humans_is_their_message(said: str) -> None:
    talk = Talk(at=CLOSED, shop=shop(handoff=RULES))
    assert talk.hears("投诉") == SAYS_CLOSED
    assert talk.outcome == ("", "rule")
    assert talk.hears(said) == PHRASES.message_taken
    assert talk.outcome == ("", "message")


def test_a_handoff_ends_what_was_asked_and_offered() -> None:
    talk = Talk()
    talk.hears("查订单")
    talk.hears("转人工")
    assert (talk.state.asking, talk.state.asked, talk.state.offered) == (None, 0, ())
    assert talk.turn is not None
    assert talk.turn.handoff == Handoff("asked")
