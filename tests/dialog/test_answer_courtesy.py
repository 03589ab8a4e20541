"""Courtesies are returned, and take nothing from what the dialog is after."""

from typing import Any

import pytest

from tests.dialog.turns import RankedArticles, message, tenant, turn
from wecom_bot.dialog.stages.answer_courtesy import AnswerCourtesy
from wecom_bot.dialog.stages.find_knowledge import FindKnowledge
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.text.reading import Language

ORDER_ID = {"name": "order_id", "pattern": "[0-9]{6,20}", "ask": "订单号是多少？"}
REASON = {"name": "reason", "pattern": ".{2,}", "ask": "什么原因？"}
INTENTS = [
    {"name": "order", "slots": [ORDER_ID], "lookup": "order"},
    {"name": "return", "slots": [REASON], "examples": ["再见"]},
]
SHOP = tenant(intents=INTENTS)
ZH, EN = SHOP.courtesies.zh, SHOP.courtesies.en


def answered(said: str, shop: Tenant = SHOP, index: RankedArticles | None = None, **state: Any) -> Turn:
    return AnswerCourtesy(FindKnowledge(index or RankedArticles()))(shop, turn(said, **state))


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("你好", ZH.greeting),
        ("在吗", ZH.presence),
        ("谢谢", ZH.thanks),
        ("嗯嗯", ZH.nod),
        ("拜拜", ZH.goodbye),
        ("👍", ZH.nod),
        ("？", ZH.puzzled),
        ("你是机器人吗", ZH.identity),
        ("没事了，谢谢", ZH.decline),
        ("thank you very much", EN.thanks),
    ],
)
def test_each_kind_has_its_phrase_in_the_customers_language(said: str, reply: str) -> None:
    done = answered(said, misses=2)
    assert done.reply is not None
    assert (done.reply.text, done.answerer) == (reply, Answerer.COURTESY)
    assert (done.state.misses, done.handoff) == (2, None)


def test_who_wrote_chinese_is_answered_in_chinese() -> None:
    done = answered("ok", language=Language.ENGLISH)
    assert done.reply is not None
    assert done.reply.text == EN.nod
    assert answered("怎么换货").state.language is Language.CHINESE


def test_a_tenant_may_be_silent_at_a_nod() -> None:
    done = answered("好的", tenant(courtesies={"silent": ["nod"]}))
    assert (done.reply, done.settled) == (None, True)


def test_a_tenant_may_let_coze_word_them() -> None:
    own = tenant(courtesies={"coze": True}, coze={"bot_id": "1234567890"})
    assert not answered("你好", own).settled
    assert answered("你好", tenant(courtesies={"coze": True})).settled  # there is no bot


def test_what_the_tenant_wrote_goes_first() -> None:
    written = RankedArticles.of(Article("a", "谢谢", "谢谢惠顾！"), a=1.0)
    assert not answered("谢谢", index=written).settled
    assert not answered("再见").settled  # an example of an intent
    assert answered("谢谢", index=RankedArticles.of(Article("a", "谢谢惠顾", "好"), a=0.9)).settled


def test_with_the_index_away_a_courtesy_is_returned_all_the_same() -> None:
    assert answered("谢谢", index=RankedArticles(error=TemporaryFailure("away"))).settled


def test_our_question_is_said_again_to_a_greeting_and_stays_open_at_thanks() -> None:
    open_question: dict[str, Any] = {"intent": "order", "asking": "order_id", "asked": 1}
    for said in ("你好", "在吗", "？"):
        done = answered(said, **open_question)
        assert done.reply is not None
        assert (done.reply.text, done.answerer) == ("订单号是多少？", Answerer.QUESTION)
    thanked = answered("谢谢", **open_question)
    assert thanked.reply is not None
    assert (thanked.reply.text, thanked.state.asking, thanked.state.asked) == (ZH.thanks, "order_id", 1)


def test_what_answers_our_question_or_ends_it_is_for_later_stages() -> None:
    assert not answered("不用了谢谢", intent="order", asking="order_id", asked=1).settled
    assert not answered("谢谢", intent="return", asking="reason", asked=1).settled


def test_in_a_message_to_humans_it_is_looked_at_there() -> None:
    assert not answered("谢谢", leaving_message=True).settled


def test_who_quotes_and_says_nothing_is_asked_what_is_meant() -> None:
    done = answered("「客服：48 小时内发货」\n- - - - - - -\n")
    assert done.reply is not None
    assert done.reply.text == ZH.puzzled


def test_a_picture_is_no_courtesy() -> None:
    picture = turn(message(kind=MessageKind.IMAGE))
    assert not AnswerCourtesy(FindKnowledge(RankedArticles()))(SHOP, picture).settled


def test_a_nod_to_a_question_of_cozes_is_for_coze() -> None:
    for said in ("好的", "不用了"):
        done = answered(said, writer_asks=True)
        assert not done.settled
        assert not done.state.writer_asks
    assert answered("谢谢", writer_asks=True).settled
