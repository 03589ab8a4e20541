"""How a dialog goes on, as a table: what stood before, what is said, and what stands after it."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog import transitions
from wecom_bot.dialog.moment import Moment
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import FALLBACK, Intent, Turn
from wecom_bot.domain.knowledge import Passage

ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{6,20}(?![0-9])", "ask": "订单号是多少？"}
SIZE = {"name": "size", "pattern": "[SML]码", "ask": "什么尺码？"}
SHOP = tenant(
    intents=[
        {"name": "order", "slots": [ORDER_ID], "lookup": "order"},
        {"name": "exchange", "slots": [ORDER_ID, SIZE], "reply": "好的"},
    ]
)
ASKED = {"intent": "order", "asking": "order_id", "asked": 1}
TOLD = {"intent": "order", "slots": {"order_id": "222222"}, "done": True}
EXCHANGED = {"intent": "exchange", "slots": {"order_id": "222222", "size": "M码"}, "done": True}


@dataclass(frozen=True)
class Step:
    """`says` upon `before`, which `makes` a transition; `after`: what of the state is looked at."""

    says: str
    makes: str
    before: dict[str, Any] = field(default_factory=dict)
    intent: str = FALLBACK.name
    near: float = 0.0
    after: dict[str, Any] = field(default_factory=dict)


STEPS = (
    Step("算了", "cancelled", ASKED, after={"asking": None}),
    Step("找不到，算了", "cancelled", ASKED, after={"asking": None}),
    Step("不用查了谢谢", "cancelled", ASKED, after={"asking": None}),
    Step("没有订单号", "refused", ASKED, after={"asking": None, "misses": 0}),
    Step("222222", "answered", ASKED, after={"asking": None, "slots": {"order_id": "222222"}}),
    Step("2222 2222", "answered", ASKED, after={"slots": {"order_id": "22222222"}}),
    Step("二二二二二二二二", "answered", ASKED, after={"slots": {"order_id": "22222222"}}),
    Step("我找找", "went_on", ASKED, after={"asking": "order_id", "asked": 1}),
    Step("222222", "volunteered", after={"intent": "order", "slots": {"order_id": "222222"}}),
    Step("222222什么时候到", "volunteered", after={"intent": "order"}),
    Step("222222什么时候到", "volunteered", near=0.6, after={"intent": "order"}),
    Step("亲，【222222】谢谢", "volunteered", after={"intent": "order"}),
    Step("手机尾号8866，订单222222", "volunteered", after={"intent": "order"}),
    Step("222222 退款", "volunteered", near=0.6, after={"intent": None, "slots": {"order_id": "222222"}}),
    Step("222222 退款", "volunteered", near=0.3, after={"intent": None, "slots": {"order_id": "222222"}}),
    Step("333333", "volunteered", TOLD, after={"done": False, "slots": {"order_id": "333333"}}),
    Step("手机号333333", "went_on", after={"intent": None, "slots": {}}),
    Step("我有333333个问题", "went_on", after={"intent": None, "slots": {}}),
    Step("另一个呢", "asked_about_another", TOLD, after={"done": False, "slots": {}}),
    Step("不是这单", "asked_about_another", TOLD, after={"done": False, "slots": {}}),
    Step("再查一次", "looked_up_again", TOLD, near=0.6, after={"done": False, "slots": {"order_id": "222222"}}),
    Step("再查一次", "looked_up_again", TOLD | {"done": False}, after={"slots": {"order_id": "222222"}}),
    Step("再查一次", "went_on", {"intent": "order", "slots": {}}, after={"slots": {}}),
    Step("怎么还没到", "asked_where_it_is", TOLD, after={"done": False, "slots": {"order_id": "222222"}}),
    Step("还要多久", "asked_where_it_is", TOLD, after={"done": False}),
    Step("要多久", "went_on", after={"intent": None}),
    Step("到哪了", "asked_where_it_is", after={"intent": "order", "slots": {}}),
    Step("什么时候到", "went_on", near=0.6, after={"intent": None}),
    Step("什么时候到", "asked_where_it_is", TOLD, near=0.6, after={"done": False}),
    Step("写错了，应该是333333", "corrected", TOLD, after={"done": False, "slots": {"order_id": "333333"}}),
    Step("不是M码，是L码", "corrected", EXCHANGED, after={"slots": {"order_id": "222222", "size": "L码"}}),
    Step("L码有货吗", "went_on", EXCHANGED, after={"done": True, "slots": EXCHANGED["slots"]}),
    Step("我还要换货", "begun_anew", EXCHANGED, "exchange", after={"done": False, "slots": {}}),
    Step("换L码", "begun_anew", {"intent": "exchange", "slots": {}}, "exchange", after={"slots": {"size": "L码"}}),
    Step("包邮吗", "went_on", TOLD, after={"done": True, "slots": {"order_id": "222222"}}),
)


def moment(step: Step) -> Moment:
    score = 0.0 if step.intent == FALLBACK.name else 0.9
    passages = (Passage("a", "问", "答", step.near),) if step.near else ()
    said = replace(turn(step.says, **step.before), intent=Intent(step.intent, score), passages=passages)
    return Moment.of(SHOP, said, Wished())


def first(here: Moment) -> tuple[str, Turn]:
    made = ((transition.__name__, transition(here)) for transition in transitions.TRANSITIONS)
    return next((name, after) for name, after in made if after is not None)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.says}-{step.makes}")
def test_a_step_makes_its_transition(step: Step) -> None:
    made, after = first(moment(step))
    assert made == step.makes
    assert {name: getattr(after.state, name) for name in step.after} == step.after


def test_every_transition_has_a_step() -> None:
    assert {step.makes for step in STEPS} == {each.__name__ for each in transitions.TRANSITIONS}


def test_thanks_beside_a_number_that_was_told_are_thanks() -> None:
    made, after = first(moment(Step("222222 收到了，谢谢", "volunteered", TOLD)))
    assert made == "volunteered"
    assert after.reply is not None
    assert after.reply.text == SHOP.courtesies.zh.thanks
    assert after.state.done


@pytest.mark.parametrize("said", ["222222~", "亲，222222", "222222，谢谢", "222222🙏", "【222222】"])
def test_the_same_number_again_asks_again_whatever_politeness_is_around(said: str) -> None:
    made, after = first(moment(Step(said, "volunteered", TOLD)))
    assert (made, after.reply, after.state.done) == ("volunteered", None, False)
