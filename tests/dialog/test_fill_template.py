from dataclasses import replace
from typing import Any

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.fill_template import FillTemplate
from wecom_bot.domain.dialog import Answerer, Intent, Turn
from wecom_bot.domain.message import Choice, Reply

DAY = {"name": "day", "pattern": "周.", "ask": "哪天？"}
SHOP = tenant(
    intents=[{"name": "visit", "slots": [DAY], "reply": "已为您约在{day}。"}, {"name": "thanks", "reply": "不客气"}]
)


def said(intent: str, **state: Any) -> Turn:
    return FillTemplate()(SHOP, replace(turn("约", **{"intent": intent} | state), intent=Intent(intent, 0.9)))


def test_the_reply_is_said_with_the_slots_values() -> None:
    told = said("visit", slots={"day": "周六"}, misses=2, offered=(Choice("a", "甲"),))
    assert (told.reply, told.answerer) == (Reply("已为您约在周六。"), Answerer.PHRASE)
    assert (told.state.misses, told.state.offered) == (0, ())


def test_a_value_is_text_and_no_template() -> None:
    assert said("visit", slots={"day": "{day.__class__}{0}"}).reply == Reply("已为您约在{day.__class__}{0}。")


def test_an_intent_without_slots_may_have_a_reply_too() -> None:
    assert said("thanks").reply == Reply("不客气")


def test_nothing_is_said_before_all_is_known_or_without_a_reply() -> None:
    assert not said("visit").settled
    assert not said("unknown").settled
