"""A conversation in one process goes as it would with ledger and workers."""

from datetime import timedelta

from tests.dialog.turns import WHERE, Desk, RankedArticles, ShopOrders, order, tenant
from tests.fakes import SettableClock, WithoutWriter, no_limit
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.speaking import parts
from wecom_bot.dialog.pipeline import standard
from wecom_bot.domain.dialog import Attendant, Turn
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import Attachment
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import SearchIndex
from wecom_bot.service.conversation.think import Think
from wecom_bot.service.evaluation.conversation import Conversation, as_read

MINE = "202611200001"
ASK = "订单号？"
SLOT = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12}(?![0-9])", "ask": ASK}
SHOP = tenant(intents=[{"name": "order", "examples": ["查订单"], "slots": [SLOT], "lookup": "order"}])


def conversation(index: SearchIndex | None = None) -> Conversation:
    pipeline = standard(index or RankedArticles(), RulesRecognizer(), ShopOrders([order(MINE)]), Desk())
    return Conversation(
        SHOP,
        WHERE,
        Think(pipeline, no_limit, timedelta(seconds=8)),
        lambda where, reply: parts.cut(where, reply, SHOP.phrases, limits.KF_PARTS, limits.MENU_HEAD),
        SettableClock(),
        timedelta(minutes=30),
    )


def test_what_was_said_is_known_at_the_next_turn_until_the_session_ends() -> None:
    talk = conversation()
    assert as_read(talk.say("查订单")) == ASK
    assert as_read(talk.say(MINE)).startswith(f"订单 {MINE}：")
    assert as_read(talk.say("查订单")).startswith(f"订单 {MINE}：")
    talk.clock.forward(minutes=31)  # type: ignore[attr-defined]
    assert as_read(talk.say("查订单")) == ASK


def test_ten_turns_have_ten_messages_and_misses_add_up() -> None:
    talk = conversation()
    turns = [talk.say("今天会下雨吗") for _ in range(2)]
    assert [turn.state.misses for turn in turns] == [1, 2]
    assert len({talk.say("查订单").turn_id for _ in range(8)} | {turn.turn_id for turn in turns}) == 10


def test_where_a_human_was_called_the_bot_is_silent_from_then_on() -> None:
    talk = conversation()
    called = talk.say("转人工")
    assert called.handoff is not None
    assert as_read(called) == SHOP.phrases.handoff
    silent = talk.say("在吗")
    assert (silent.reply, silent.handoff, as_read(silent)) == (None, None, "")
    assert silent.state.attendant is Attendant.SERVICER
    talk.clock.forward(minutes=31)  # type: ignore[attr-defined]
    assert talk.say("在吗").reply is None


def test_what_did_not_fit_is_said_when_it_is_asked_for() -> None:
    long = Article("a", "说明", "\n".join(f"第 {number} 条：{'好' * 300}。" for number in range(12)))
    talk = conversation(RankedArticles.of(long, a=1.0))
    first = as_read(talk.say("说明"))
    assert "第 0 条" in first
    assert first.endswith(SHOP.phrases.more)
    rest = as_read(talk.say("继续"))
    assert "第 11 条" in rest
    assert "第 0 条" not in rest


def test_a_menu_is_read_with_its_choices_and_a_link_with_its_words() -> None:
    near = RankedArticles.of(Article("a", "怎么退货", "七天内"), Article("b", "怎么换货", "寄回"), a=0.3, b=0.2)
    assert as_read(conversation(near).say("货")).splitlines() == [
        SHOP.phrases.did_you_mean,
        "怎么退货",
        "怎么换货",
        "都不是",
    ]
    link = Attachment("link", "尺码表", "一看就懂", "https://shop.example/size", "size.png")
    sure = RankedArticles.of(Article("a", "尺码", "请看：", (), (link,)), a=1.0)
    assert as_read(conversation(sure).say("尺码")).splitlines() == ["请看：", "尺码表", "一看就懂"]


def test_a_pipeline_that_fails_is_the_phrase_for_trouble() -> None:
    def broken(_tenant: Tenant, _turn: Turn) -> Turn:
        raise ZeroDivisionError

    talk = conversation()
    talk.think = Think(WithoutWriter(broken), no_limit, timedelta(seconds=8))
    assert as_read(talk.say("在吗")) == SHOP.phrases.trouble
