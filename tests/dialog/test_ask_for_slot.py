from dataclasses import replace
from typing import Any

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.ask_for_slot import AskForSlot
from wecom_bot.domain.dialog import FALLBACK, Answerer, Intent, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import Choice, Reply

SLOTS = [{"name": name, "pattern": f"{name}[0-9]", "ask": f"{name}？"} for name in ("order_id", "size")]
SHOP = tenant(intents=[{"name": "exchange", "slots": SLOTS}, {"name": "remark"}])


def after(recognised: str | None = None, *, sure: bool = False, heard: str = "", **state: Any) -> Turn:
    said = replace(
        turn("问", **{"intent": "exchange"} | state),
        intent=Intent(recognised, 0.9) if recognised else FALLBACK,
        passages=(Passage("a", "问", "答", 0.9 if sure else 0.2),),
        heard={heard: "1"} if heard else {},
    )
    return AskForSlot()(SHOP, said)


def test_the_first_missing_slot_is_asked_for() -> None:
    asked = after("exchange", slots={}, offered=(Choice("a", "甲"),), misses=1)
    assert (asked.reply, asked.answerer) == (Reply("order_id？"), Answerer.QUESTION)
    assert (asked.state.asking, asked.state.asked) == ("order_id", 1)
    assert (asked.state.offered, asked.state.misses) == ((), 1)


def test_what_is_known_is_not_asked_for() -> None:
    assert after("exchange", slots={"order_id": "1"}).reply == Reply("size？")
    assert not after("exchange", slots={"order_id": "1", "size": "2"}).settled


def test_an_open_question_is_asked_a_second_time_and_no_third() -> None:
    again = after(asking="order_id", asked=1)
    assert (again.reply, again.state.asked) == (Reply("order_id？"), 2)
    enough = after(asking="order_id", asked=2)
    assert not enough.settled
    assert (enough.state.asking, enough.state.asked) == (None, 0)


def test_the_count_is_of_one_slot() -> None:
    assert after("exchange", slots={"order_id": "1"}, asking="order_id", asked=2).state.asked == 1


def test_an_intent_that_was_recognised_asks_however_well_an_article_fits() -> None:
    assert after("exchange", sure=True).settled


def test_a_sure_article_goes_before_an_open_question_which_stays_open() -> None:
    between = after(sure=True, asking="order_id", asked=1)
    assert not between.settled
    assert (between.state.asking, between.state.asked) == ("order_id", 1)


def test_a_slot_named_without_being_asked_for_goes_on_with_the_intent() -> None:
    assert after(heard="order_id", slots={"order_id": "1"}).reply == Reply("size？")


def test_nothing_is_asked_when_the_turn_is_about_nothing_or_something_else() -> None:
    assert not after().settled
    assert not after("remark", asking="order_id", asked=1).settled
    assert not after(intent=None).settled
