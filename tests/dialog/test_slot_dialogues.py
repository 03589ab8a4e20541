"""Whole dialogues through the pipeline that every tenant has."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from tests.dialog.turns import CORP, NOON, WHERE, Desk, Scribe, ShopOrders, message, order, tenant
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import FALLBACK, Answerer, DialogState, Intent, Turn, Understanding
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure

MINE, OTHER = "7878137872105389870", "7878137872105389999"
ASK_ORDER, ASK_SIZE = "请问订单号是多少？", "要换成什么尺码？"
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12,20}(?![0-9])", "ask": ASK_ORDER}
SIZE = {"name": "size", "pattern": "([SMLsml])码", "ask": ASK_SIZE}
SHOP = tenant(
    intents=[
        {"name": "order", "examples": ["查订单"], "slots": [ORDER_ID], "lookup": "order"},
        {
            "name": "exchange",
            "examples": ["换货"],
            "slots": [ORDER_ID, SIZE],
            "reply": "{order_id} 换 {size} 码，已登记。",
        },
    ]
)
FREIGHT = "满 99 元包邮。"
UNKNOWN = SHOP.phrases.unknown


@dataclass(frozen=True)
class ByWord:
    """Recognises an intent by a word of the text."""

    words: tuple[tuple[str, str], ...] = (("订单", "order"), ("什么时候到", "order"), ("换货", "exchange"))

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        assert tenant.corp_id == CORP
        named = (Intent(intent, 0.9) for word, intent in self.words if word in turn.text)
        return Understanding(next(named, FALLBACK))


@dataclass(frozen=True)
class Freight:
    """A library with one article, which whatever names the freight finds."""

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:  # noqa: ARG002 - one article
        found = self.get(corp_id, "freight")
        return [replace(found, score=0.8 if "运费" in query else 0.05)] if found else []

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        assert corp_id == CORP
        return Passage(article_id, "运费多少", FREIGHT, 1.0)


@dataclass
class Talk:
    """A customer and the bot; the state goes through its stored form after every turn, as at a restart."""

    orders: ShopOrders = field(default_factory=lambda: ShopOrders([order(MINE), order(OTHER, status="待发货")]))
    writer: Scribe | None = None
    shop: Tenant = SHOP
    state: DialogState = field(default_factory=lambda: DialogState("wm1-1", NOON, NOON))
    turn: Turn | None = None

    def hears(self, said: str) -> str:
        """What the bot answers."""
        pipeline = standard(Freight(), Chain({"rules": ByWord()}), self.orders, Desk(), self.writer)
        self.turn = pipeline(self.shop, Turn(WHERE, (message(said),), "trace", NOON, self.state))
        stored = TypeAdapter(DialogState).dump_json(self.turn.state)
        self.state = TypeAdapter(DialogState).validate_json(stored)
        assert self.state == self.turn.state
        assert self.turn.reply is not None
        return self.turn.reply.text


def is_told(text: str, order_id: str = MINE) -> bool:
    return text.startswith(f"订单 {order_id}：")


def test_an_order_is_asked_for_its_number_and_told() -> None:
    talk = Talk()
    assert talk.hears("查一下我的订单") == ASK_ORDER
    assert is_told(talk.hears(MINE))
    assert talk.turn is not None
    assert (talk.turn.answerer, talk.turn.intent.name) == (Answerer.ORDER, "order")
    assert (talk.state.asking, talk.state.slots) == (None, {"order_id": MINE})


def test_a_number_that_is_there_already_is_not_asked_for() -> None:
    assert is_told(Talk().hears(f"我的订单{MINE}到哪了"))
    assert is_told(Talk().hears(MINE))  # and nothing beside it


def test_what_is_asked_next_is_about_the_same_order_until_another_is_named() -> None:
    talk = Talk()
    talk.hears(f"查订单 {MINE}")
    assert is_told(talk.hears("那什么时候到"))
    assert is_told(talk.hears(f"{OTHER} 呢"), OTHER)
    assert is_told(talk.hears("那什么时候到"), OTHER)


def test_a_correction_replaces_the_number() -> None:
    talk = Talk()
    talk.hears(f"查订单 {MINE}")
    assert is_told(talk.hears(f"不是这个订单，是 {OTHER}"), OTHER)
    assert is_told(talk.hears(f"不是{OTHER}，是{MINE}"))


def test_of_two_numbers_in_one_message_the_one_that_can_be_an_order_is_meant() -> None:
    talk = Talk()
    talk.hears("查一下我的订单")
    assert is_told(talk.hears(f"手机13812345678 单号{MINE}"))
    assert is_told(talk.hears(f"{MINE} 收到了，{OTHER} 呢"), OTHER)


def test_who_switches_to_something_else_and_comes_back_is_asked_nothing_twice() -> None:
    talk = Talk()
    assert talk.hears(f"我要换货，单号 {MINE}") == ASK_SIZE
    assert is_told(talk.hears("先查一下订单"))
    assert talk.hears("还是换货") == ASK_SIZE
    assert talk.hears("L码吧") == f"{MINE} 换 L 码，已登记。"


def test_two_slots_may_be_filled_at_once_or_one_by_one() -> None:
    assert Talk().hears(f"换货，{MINE}，换m码") == f"{MINE} 换 m 码，已登记。"
    talk = Talk()
    assert talk.hears("换货，换S码") == ASK_ORDER
    assert talk.hears(MINE) == f"{MINE} 换 S 码，已登记。"


def test_who_cancels_is_asked_no_more() -> None:
    talk = Talk()
    talk.hears("查一下我的订单")
    assert talk.hears("算了，不查了") == SHOP.phrases.cancelled
    assert talk.hears("今天天气不错") == UNKNOWN
    assert talk.hears("查订单") == ASK_ORDER


def test_a_question_in_between_is_answered_and_ours_stays_open() -> None:
    talk = Talk()
    talk.hears("查一下我的订单")
    assert talk.hears("运费怎么算") == FREIGHT
    assert talk.state.asking == "order_id"
    assert is_told(talk.hears(MINE))


def test_three_wrong_answers_end_the_asking() -> None:
    talk = Talk()
    assert talk.hears("查一下我的订单") == ASK_ORDER
    assert talk.hears("红色的那双") == ASK_ORDER
    assert talk.hears("在哪里看") == UNKNOWN
    assert (talk.state.asking, talk.state.misses) == (None, 1)
    assert talk.hears("绿色的那双") == UNKNOWN
    assert talk.state.misses == 2
    assert is_told(talk.hears(f"找到了 {MINE}"))
    assert talk.state.misses == 0


def test_a_wrong_number_can_be_corrected() -> None:
    talk = Talk()
    assert "没有查到" in talk.hears("查订单 111111111111")
    assert talk.hears("查订单") == ASK_ORDER
    assert is_told(talk.hears(MINE))


def test_an_order_of_another_customer_is_not_told() -> None:
    talk = Talk(ShopOrders([order(MINE, customer="wm2")]))
    assert "没有查到" in talk.hears(f"查订单 {MINE}")


def test_with_the_orders_away_the_customer_is_told_so_and_may_ask_again() -> None:
    talk = Talk()
    talk.orders.away = True
    assert talk.hears(f"查订单 {MINE}") == SHOP.phrases.trouble
    talk.orders.away = False
    assert is_told(talk.hears("查订单"))


def test_a_human_who_was_asked_for_ends_the_question() -> None:
    talk = Talk()
    talk.hears("查一下我的订单")
    talk.hears("转人工")
    assert talk.state.asking is None


def test_after_half_an_hour_nothing_is_open_and_no_number_known() -> None:
    talk = Talk()
    talk.hears(f"我要换货，单号 {MINE}")
    later = NOON + timedelta(minutes=31)
    talk.state = DialogState.resume(talk.state, "wm1", later, timedelta(minutes=30))
    assert talk.hears("L码") == UNKNOWN
    assert talk.hears("我要换货") == ASK_ORDER


@pytest.mark.parametrize("error", [None, TemporaryFailure("down")])
def test_coze_words_the_rest_and_never_a_question_or_an_order(error: TemporaryFailure | None) -> None:
    shop = SHOP.model_copy(update={"coze": tenant(coze={"bot_id": "7379462189365198898"}).coze})
    talk = Talk(shop=shop, writer=Scribe("包邮哦，有事打 13812345678", error))
    assert talk.hears("查一下我的订单") == ASK_ORDER
    assert talk.hears("运费怎么算") == (FREIGHT if error else "包邮哦，有事打 138****5678")
    assert talk.writer is not None
    assert talk.writer.given[0].state.asking == "order_id"
    assert is_told(talk.hears(MINE))
    assert talk.state.writer_memory == ("" if error else "conversation-1")
