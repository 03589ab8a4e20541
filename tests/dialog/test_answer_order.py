from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.dialog.turns import ShopOrders, order, tenant, turn
from wecom_bot.dialog.stages.answer_order import AnswerOrder
from wecom_bot.domain.dialog import FALLBACK, Answerer, Intent, Turn
from wecom_bot.domain.message import Choice, Reply

ID = "7878137872105389870"
SLOTS = [{"name": name, "pattern": "[0-9]+", "ask": f"{name}？"} for name in ("order_id", "tail")]
SHOP = tenant(
    intents=[
        {"name": "order", "slots": SLOTS[:1], "lookup": "order"},
        {"name": "strict", "slots": SLOTS, "lookup": "order"},
        {"name": "exchange", "slots": SLOTS[:1]},
    ]
)


def told(orders: ShopOrders, recognised: str = "order", **state: Any) -> Turn:
    asked = turn("查", **{"intent": "order", "slots": {"order_id": ID}, "misses": 1} | state)
    return AnswerOrder(orders)(SHOP, replace(asked, intent=Intent(recognised, 0.9)))


def test_the_customers_order_is_told_in_the_tenants_words_and_chinese_time() -> None:
    said = told(ShopOrders([order(ID)]), offered=(Choice("a", "甲"),))
    assert said.reply == Reply(f"订单 {ID}：已发货。顺丰 SF1 已到杭州（11月20日 10:00）")
    assert said.answerer is Answerer.ORDER
    assert (said.state.slots, said.state.misses, said.state.offered) == ({"order_id": ID}, 0, ())


def test_the_year_is_said_when_it_is_another_one() -> None:
    last_day = order(ID, updated_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    said = told(ShopOrders([last_day]))
    assert said.reply is not None
    assert said.reply.text.endswith("（2025年12月31日 23:59）")


def test_the_phrase_is_the_tenants_and_the_shops_data_no_template() -> None:
    own = SHOP.model_copy(update={"phrases": tenant(phrases={"order_found": "{status}！{"}).phrases})
    asked = replace(turn("查", intent="order", slots={"order_id": ID}), intent=Intent("order", 1.0))
    said = AnswerOrder(ShopOrders([order(ID, status="{order_id}")]))(own, asked)
    assert said.reply == Reply("{order_id}！{")


def test_an_order_of_somebody_else_is_not_known_and_its_number_forgotten() -> None:
    said = told(ShopOrders([order(ID, customer="wm2")]), slots={"order_id": ID, "size": "L"})
    assert said.reply == Reply(f"没有查到您名下的订单 {ID}，请核对订单号，或回复“人工”联系客服。")
    assert said.answerer is Answerer.ORDER
    assert said.state.slots == {"size": "L"}


def test_with_the_orders_away_the_customer_is_told_so_and_nothing_is_forgotten() -> None:
    said = told(ShopOrders(away=True))
    assert (said.reply, said.answerer) == (Reply(SHOP.phrases.trouble), Answerer.PHRASE)
    assert said.state.slots == {"order_id": ID}


def test_nothing_is_looked_up_before_all_slots_are_known() -> None:
    assert not told(ShopOrders([order(ID)]), "strict", intent="strict").settled
    assert told(ShopOrders([order(ID)]), "strict", intent="strict", slots={"order_id": ID, "tail": "1"}).settled


def test_an_order_that_the_turn_is_not_about_is_not_told_again() -> None:
    assert not told(ShopOrders([order(ID)]), FALLBACK.name).settled
    assert not told(ShopOrders([order(ID)]), "exchange").settled
    assert not told(ShopOrders([order(ID)]), "exchange", intent="exchange").settled


def test_of_several_numbers_those_that_are_the_customers_own_are_told() -> None:
    orders = ShopOrders([order("333333"), order("444444"), order("555555", customer="wm2")])
    named = turn("222222、333333、444444、555555都到哪了", intent="order", slots={"order_id": "222222"})
    named = replace(named, intent=Intent("order", 0.9), heard={"order_id": "222222"})
    said = AnswerOrder(orders)(SHOP, named)
    assert said.reply is not None
    assert [line[:9] for line in said.reply.text.split("\n")] == ["订单 333333", "订单 444444"]
    assert said.state.slots == {"order_id": "333333"}
