"""A message to humans who are not there: whole dialogues through the standard pipeline."""

from datetime import timedelta

import pytest

from tests.dialog.office import CLOSED, FREIGHT, IMAGE, MINE, OPEN, PHRASES, RULES, SAYS_CLOSED, Talk, shop, waiting
from tests.dialog.turns import message
from wecom_bot.domain.dialog import DialogState
from wecom_bot.domain.message import MessageKind


@pytest.mark.parametrize(
    "said", ["我的杯子三天没到，电话 13812345678", "你好，请联系我", "请让人工客服回我电话 13812345678"]
)
def test_the_next_words_are_the_message(said: str) -> None:
    talk = waiting()
    assert talk.hears(said) == PHRASES.message_taken
    assert talk.outcome == ("", "message")
    assert not talk.state.leaving_message
    assert talk.state.misses == 0


def test_a_message_in_pieces_is_taken_whole() -> None:
    talk = waiting()
    assert talk.hears("我的杯子三天没到") == PHRASES.message_taken
    for piece in ("我的电话是13812345678，姓王", "请人工客服下午打", "算了，不用联系了"):
        talk.at += timedelta(minutes=4)
        assert talk.hears(piece) == PHRASES.message_more
        assert (talk.outcome, talk.state.misses) == (("", "message"), 0)


def test_a_picture_is_a_message_or_a_piece_of_one() -> None:
    talk = waiting()
    assert talk.hears(IMAGE) == PHRASES.message_taken
    assert (talk.outcome, talk.state.misses) == (("", "message"), 0)
    for piece in ((IMAGE,), ("谢谢", IMAGE), (message(kind=MessageKind.FILE), "我的电话是13812345678")):
        assert talk.hears(*piece) == PHRASES.message_more
        assert (talk.outcome, talk.state.misses) == (("", "message"), 0)
    talk.at += timedelta(minutes=6)
    assert talk.hears(IMAGE) == PHRASES.unreadable


@pytest.mark.parametrize("said", ["好的，谢谢", "谢谢您！", "嗯嗯", "OK", "👌", "你好，在吗？"])
def test_courtesy_is_no_message_and_no_miss(said: str) -> None:
    talk = waiting()
    assert talk.hears(said) == PHRASES.message_awaited
    assert (talk.outcome, talk.state.leaving_message, talk.state.misses) == (("", ""), True, 0)
    talk.hears("我的杯子三天没到")
    assert talk.hears(said) == PHRASES.message_taken
    assert (talk.outcome, talk.state.misses) == (("", ""), 0)
    assert talk.hears("电话 13812345678") == PHRASES.message_more


def test_some_minutes_after_the_message_the_bot_is_as_it_was() -> None:
    talk = waiting()
    talk.hears("我的杯子三天没到")
    talk.at += timedelta(minutes=5, seconds=1)
    assert talk.hears("天气怎么样") == PHRASES.unknown
    assert (talk.outcome, talk.state.misses) == (("", ""), 1)


def test_what_the_bot_surely_knows_ends_the_message() -> None:
    talk = waiting()
    talk.hears("我的杯子三天没到")
    assert talk.hears("运费多少") == FREIGHT
    assert talk.hears("天气怎么样") == PHRASES.unknown
    assert talk.outcome == ("", "")


def test_who_asks_again_after_the_message_is_answered_again() -> None:
    talk = waiting()
    talk.hears("我的杯子三天没到")
    assert talk.hears("转人工") == SAYS_CLOSED
    assert (talk.outcome, talk.state.leaving_message) == (("", "asked"), True)
    talk.hears("我的杯子三天没到")
    talk.at = OPEN
    assert talk.hears("转人工") == PHRASES.handoff
    assert talk.state.message_at is None


@pytest.mark.parametrize("hours", [1, 23])
def test_the_message_may_come_after_the_session_ended(hours: int) -> None:
    talk = waiting()
    talk.at += timedelta(hours=hours)
    talk.state = DialogState.resume(talk.state, "wm1", talk.at, timedelta(minutes=30))
    assert talk.hears("我的杯子三天没到，电话13812345678") == PHRASES.message_taken
    assert talk.outcome == ("", "message")


def test_a_message_with_a_blocked_word_is_answered_as_always_and_still_reaches_humans() -> None:
    talk = waiting(shop=shop(blocked_words=["骗子"]))
    assert talk.hears("骗子！快打 13812345678") == PHRASES.blocked
    assert (talk.outcome, talk.state.leaving_message, talk.state.misses) == (("", "message"), True, 0)
    assert talk.hears("我姓王") == PHRASES.message_taken
    assert talk.hears("都是骗子") == PHRASES.blocked
    assert talk.outcome == ("", "message")
    assert talk.hears("请下午打") == PHRASES.message_more


@pytest.mark.parametrize(
    "said",
    [
        "运费多少，请打我电话13812345678",
        "查订单 202611200001 一直没到，打我 138 1234 5678",
        "想问运费，方便的话联系我",
        "运费多少？邮箱 wang@example.com",
        "运费多少 please call me",
    ],
)
def test_who_says_how_they_can_be_reached_leaves_a_message_whatever_else_they_ask(said: str) -> None:
    talk = waiting()
    assert talk.hears(said) == PHRASES.message_taken
    assert (talk.outcome, talk.state.leaving_message) == (("", "message"), False)
    assert talk.hears(said) == PHRASES.message_more
    assert talk.outcome == ("", "message")


@pytest.mark.parametrize(
    "said",
    [
        "我微信支付的，运费多少",
        "我的手机太重，运费多少",
        "你们告诉我运费多少",
        "怎么联系我的快递员，运费多少",
        "给我来两件，运费多少",
        "能给我打个折吗，运费多少",
    ],
)
def test_words_about_telephones_are_no_wish_to_be_called(said: str) -> None:
    assert waiting().hears(said) == FREIGHT


def test_what_the_bot_surely_knows_is_answered_and_the_offer_stands() -> None:
    talk = waiting()
    assert talk.hears("运费多少") == FREIGHT
    assert talk.hears("查订单") == "订单号？"
    assert talk.hears(MINE).startswith(f"订单 {MINE}：")
    assert talk.state.leaving_message
    assert talk.hears("那请客服联系我的邻居") == PHRASES.message_taken


def test_who_wishes_again_at_once_is_one_request() -> None:
    talk = waiting()
    assert talk.outcome == ("", "asked")
    for _ in range(2):
        talk.at += timedelta(minutes=10)
        assert talk.hears("人工") == SAYS_CLOSED
        assert talk.outcome == ("", "")
    talk.at += timedelta(minutes=31)
    assert talk.hears("人工") == SAYS_CLOSED
    assert talk.outcome == ("", "asked")


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


@pytest.mark.parametrize("said", ["我要投诉，电话 13812345678", "杯子碎了，请联系我"])
def test_a_topic_in_a_message_for_humans_is_their_message(said: str) -> None:
    talk = Talk(at=CLOSED, shop=shop(handoff=RULES))
    assert talk.hears("投诉") == SAYS_CLOSED
    assert talk.outcome == ("", "rule")
    assert talk.hears(said) == PHRASES.message_taken
    assert talk.outcome == ("", "message")
