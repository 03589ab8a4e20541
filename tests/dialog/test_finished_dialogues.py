"""What is done is over, and what articles answer is no slot: whole dialogues through the standard pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.dialog.turns import NOON, WHERE, Desk, RankedArticles, Scribe, ShopOrders, message, order, tenant
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.courtesies import CourtesyPhrases
from wecom_bot.domain.dialog import FALLBACK, Answerer, DialogState, Intent, Turn, Understanding
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.phrases import Phrases
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure

MINE, OTHER = "202611200001", "202611200008"
ASK_ORDER, ASK_SIZE, ASK_REASON = "请问订单号是多少？", "要换成什么尺码？", "什么原因？"
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9A-Za-z])[0-9]{12,19}(?![0-9A-Za-z])", "ask": ASK_ORDER}
SIZE = {"name": "size", "pattern": "(?<![A-Z])(X{0,2}[SL]|M)码", "ask": ASK_SIZE}
REASON = {"name": "reason", "pattern": ".+", "ask": ASK_REASON}
SHOP = tenant(
    recognizers=["rules"],
    intents=[
        {"name": "order", "slots": [ORDER_ID], "lookup": "order"},
        {"name": "exchange", "slots": [ORDER_ID, SIZE], "reply": "{order_id} 换 {size} 码已登记"},
        {"name": "complaint", "slots": [REASON], "reply": "已记下：{reason}"},
    ],
)
WORDS = {"我的订单": "order", "什么时候到": "order", "换货": "exchange", "投诉": "complaint", "随便聊聊": "其他"}
NOT_AT_HAND = Phrases().not_at_hand
THANKS = CourtesyPhrases().thanks
UNKNOWN = SHOP.phrases.unknown


@dataclass(frozen=True)
class ByWord:
    """Recognises an intent by a word of the text."""

    words: Mapping[str, str]

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:  # noqa: ARG002 - the words decide
        named = (Intent(intent, 0.95) for word, intent in self.words.items() if word in turn.text)
        return Understanding(next(named, FALLBACK))


@dataclass
class Titles:
    """A SearchIndex that knows titles to the letter, and texts that name a topic nearly."""

    articles: dict[str, str] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)
    away: bool = False

    def of(self, said: str) -> RankedArticles:
        if self.away:
            return RankedArticles(error=TemporaryFailure("away"))
        near = next((answer for word, answer in self.near.items() if word in said), None)
        if said in self.articles:
            return RankedArticles.of(Article("a", said, self.articles[said]), a=1.0)
        return RankedArticles.of(Article("a", said, near), a=0.6) if near else RankedArticles()


@dataclass
class Talk:
    """A customer and the bot."""

    shop: Tenant = SHOP
    titles: Titles = field(default_factory=Titles)
    writer: Scribe | None = None
    state: DialogState = field(default_factory=lambda: DialogState("wm1-1", NOON, NOON))
    answerer: Answerer = Answerer.NOBODY

    def hears(self, said: str) -> str:
        """What the bot answers."""
        orders = ShopOrders([order(MINE), order(OTHER)])
        think = standard(self.titles.of(said), Chain({"rules": ByWord(WORDS)}), orders, Desk(), self.writer)
        turn = think(self.shop, Turn(WHERE, (message(said),), "trace", NOON, self.state))
        self.state, self.answerer = turn.state, turn.answerer
        assert turn.reply is not None
        return turn.reply.text


def exchanged() -> Talk:
    """After an exchange that was registered."""
    talk = Talk()
    assert talk.hears(f"我要换货，{MINE}，M码") == f"{MINE} 换 M 码已登记"
    return talk


def told() -> Talk:
    """After an order that was told."""
    talk = Talk()
    assert is_told(talk.hears(f"我的订单 {MINE}"))
    return talk


def is_told(text: str, order_id: str = MINE) -> bool:
    return text.startswith(f"订单 {order_id}：")


@pytest.mark.parametrize("said", ["XL码有货吗", "XL码呢", "我朋友穿XL码", "XL码是不是偏大", "XL码写错了吗"])
def test_a_registered_exchange_is_not_registered_again_by_a_word_that_looks_like_a_size(said: str) -> None:
    talk = exchanged()
    assert talk.hears(said) == UNKNOWN
    assert talk.state.slots == {"order_id": MINE, "size": "M"}


@pytest.mark.parametrize("said", ["写错了，不是M码，是XL码", "改成XL码吧", "应该是XL码", "M码不对，XL码才对"])
def test_a_correction_registers_it_again_with_all_else_as_it_was(said: str) -> None:
    talk = exchanged()
    assert talk.hears("好的谢谢") == THANKS
    assert talk.hears(said) == f"{MINE} 换 XL 码已登记"
    assert talk.hears("L码有货吗") == UNKNOWN


def test_another_exchange_begins_with_nothing_known() -> None:
    talk = exchanged()
    assert talk.hears("我还要换货") == ASK_ORDER
    assert talk.hears(OTHER) == ASK_SIZE
    assert talk.hears("L码") == f"{OTHER} 换 L 码已登记"


def test_another_intent_still_knows_the_order_of_the_exchange_and_no_exchange_its_size() -> None:
    talk = exchanged()
    assert is_told(talk.hears("我的订单什么时候到"))
    assert talk.hears("我还要换货") == ASK_SIZE


def test_an_order_that_was_told_is_told_again_when_it_is_asked_for_anew() -> None:
    talk = told()
    assert talk.hears(f"{MINE} 收到了，谢谢") == THANKS
    assert talk.hears(f"给你们的转账流水是 {OTHER}") == UNKNOWN
    assert is_told(talk.hears("那什么时候到"))
    assert is_told(talk.hears(OTHER), OTHER)
    assert is_told(talk.hears(f"{MINE} 呢？"))
    assert is_told(talk.hears(f"写错了，应该是{OTHER}"), OTHER)
    assert is_told(talk.hears(f"再帮我查一下 {MINE}"))


def test_an_exact_article_goes_before_what_nobody_asked_for() -> None:
    loose = {**ORDER_ID, "pattern": "[A-Za-z0-9]{6,64}"}
    shop = tenant(recognizers=["rules"], intents=[{"name": "order", "slots": [loose], "lookup": "order"}])
    talk = Talk(shop, Titles({"Thanks": "不客气", "iPhone15多少钱": "5999 元"}))
    assert talk.hears("Thanks") == "不客气"
    assert talk.hears("我的订单") == ASK_ORDER
    assert talk.hears("iPhone15多少钱") == "5999 元"
    assert (talk.state.asking, talk.state.slots) == ("order_id", {})
    assert is_told(talk.hears(MINE))


@pytest.mark.parametrize("near", ["", "运费"])
def test_a_question_that_any_words_answer_lets_an_article_go_first_and_stays_open(near: str) -> None:
    titles = Titles(near={near: "满 99 包邮"}) if near else Titles({"运费多少": "满 99 包邮"})
    talk = Talk(titles=titles)
    assert talk.hears("我要投诉") == ASK_REASON
    assert talk.hears("运费多少") == "满 99 包邮"
    assert talk.state.asking == "reason"
    assert talk.hears("袖子破了") == "已记下：袖子破了"


def test_a_label_that_the_tenant_does_not_define_leaves_our_question_open() -> None:
    talk = Talk()
    assert talk.hears("我的订单") == ASK_ORDER
    assert talk.hears("随便聊聊") == ASK_ORDER
    assert is_told(talk.hears(f"随便聊聊，{MINE}"))


def test_with_the_index_away_slots_orders_and_coze_still_answer() -> None:
    shop = SHOP.model_copy(update={"coze": tenant(coze={"bot_id": "7379462189365198898"}).coze})
    talk = Talk(shop, Titles(away=True), Scribe("您好"))
    assert talk.hears("我的订单") == ASK_ORDER
    assert is_told(talk.hears(MINE))
    assert (talk.hears("运费多少"), talk.answerer) == ("您好", Answerer.COZE)


def test_two_numbers_with_a_correction_between_them_are_one() -> None:
    assert is_told(Talk().hears(f"我的订单 {MINE} 不对，应该是 {OTHER}"), OTHER)


def test_who_has_no_number_is_helped_once_and_may_ask_again() -> None:
    talk = Talk()
    assert talk.hears("我的订单") == ASK_ORDER
    assert talk.hears("我没有订单号") == NOT_AT_HAND
    assert talk.hears("我的订单") == ASK_ORDER


def test_who_asks_where_the_number_is_gets_the_article() -> None:
    talk = Talk(titles=Titles({"不知道订单号": "在「我的订单」里"}))
    assert talk.hears("我的订单") == ASK_ORDER
    assert talk.hears("不知道订单号") == "在「我的订单」里"
    assert talk.state.asking == "order_id"


@pytest.mark.parametrize("again", ["再查一次", "麻烦再帮我查一下吧", "重新查询一下", "再查一遍", "please try again"])
def test_the_same_order_is_looked_up_again(again: str) -> None:
    talk = told()
    assert is_told(talk.hears(again))


@pytest.mark.parametrize("other", ["再看看别的衣服", "再查一个", "再买一件", "重新下单", "再来一份"])
def test_what_only_begins_like_that_is_something_else(other: str) -> None:
    talk = told()
    assert not is_told(talk.hears(other))
