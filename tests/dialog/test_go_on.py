from dataclasses import replace

import pytest

from tests.dialog.turns import message, tenant, turn
from wecom_bot.dialog.stages.go_on import GoOn
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import Choice, MessageKind, Reply

MORE = [
    "继续",
    "“继续”",
    "继续说",
    "请继续",
    "继续吧，谢谢",
    "接着说",
    "还有呢？",
    "还有吗",
    "下一页",
    "更多",
    "查看更多",
]
MORE += ["go on", "More", "more please", "好的，继续", "然后呢", "繼續", "看全文", "往下说"]
ELSE = [
    "继续退款",
    "更多优惠",
    "退货",
    "还有货吗",
    "下一单什么时候到",
    "我要继续下单",
    "remove",
    "好",
    "",
    "more money",
]


@pytest.mark.parametrize("words", MORE)
def test_who_asks_for_more_gets_the_rest(words: str) -> None:
    said = GoOn()(tenant(), turn(words, rest="第二部分", asking="order_id", offered=(Choice("a", "甲"),), misses=1))
    assert (said.reply, said.answerer) == (Reply("第二部分"), Answerer.ARTICLE)
    assert said.state == replace(turn(asking="order_id", offered=(Choice("a", "甲"),), misses=1).state, rest="")


@pytest.mark.parametrize("words", ELSE)
def test_who_says_anything_else_does_not_want_it(words: str) -> None:
    said = GoOn()(tenant(), turn(words, rest="第二部分"))
    assert not said.settled
    assert said.state.rest == ""


def test_asking_twice_is_asking() -> None:
    assert GoOn()(tenant(), turn("继续", "继续", rest="二")).reply == Reply("二")


def test_a_click_or_an_image_asks_for_something_else() -> None:
    for other in (message("更多", menu_id="a"), message(kind=MessageKind.IMAGE)):
        assert not GoOn()(tenant(), turn("继续", other, rest="二")).settled


def test_without_a_rest_these_are_words_like_others() -> None:
    assert GoOn()(tenant(), turn("继续")) == turn("继续")
