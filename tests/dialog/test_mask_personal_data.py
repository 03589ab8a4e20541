from dataclasses import replace

import pytest

from tests.dialog.turns import ShopOrders, order, tenant, turn
from wecom_bot.dialog.stages.answer_order import AnswerOrder
from wecom_bot.dialog.stages.mask_personal_data import MaskPersonalData
from wecom_bot.domain.dialog import Intent
from wecom_bot.domain.message import Attachment, Choice, Reply

ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{6,20}(?![0-9])", "ask": "订单号是多少？"}


def said(text: str, *choices: Choice) -> Reply | None:
    return MaskPersonalData()(tenant(), replace(turn("问"), reply=Reply(text, choices))).reply


def test_the_reply_and_its_choices_are_masked() -> None:
    assert said("请打13812345678", Choice("a", "卡号6217990038345335455")) == Reply(
        "请打138****5678", (Choice("a", "卡号****5455"),)
    )


def test_what_is_shown_is_kept_and_its_words_are_masked() -> None:
    shown = Attachment("link", "请打13812345678", "卡号6217990038345335455", "https://a.cn/13812345678", "b.png")
    masked = replace(shown, title="请打138****5678", description="卡号****5455")
    reply = Reply("看", attachments=(shown, Attachment("image", picture="b.png")))
    done = MaskPersonalData()(tenant(), replace(turn("问"), reply=reply)).reply
    assert done == Reply("看", attachments=(masked, Attachment("image", picture="b.png")))


def test_a_companys_own_address_mailbox_and_landline_stay_readable() -> None:
    published = "退货寄到浙江省杭州市余杭区文一西路969号，电话0571-85022088，邮箱service@example.com"
    assert said(published) == Reply(published)


def test_order_numbers_stay_readable() -> None:
    assert said("订单7878137872105389870已发货") == Reply("订单7878137872105389870已发货")


@pytest.mark.parametrize("order_id", ["6217990038345335455", "7878137872105389870", "4350001234567890123"])
def test_no_order_reply_masks_its_own_number(order_id: str) -> None:
    asked = turn("查", intent="order", slots={"order_id": order_id})
    shop = tenant(intents=[{"name": "order", "slots": [ORDER_ID], "lookup": "order"}])
    for orders in (ShopOrders([order(order_id)]), ShopOrders()):
        told = AnswerOrder(orders)(shop, replace(asked, intent=Intent("order", 1.0)))
        masked = MaskPersonalData()(shop, told)
        assert masked.reply == told.reply
        assert order_id in (masked.reply.text if masked.reply else "")


def test_an_id_number_that_was_given_for_an_order_number_is_masked() -> None:
    assert said("没有查到您名下的订单 110101199003078515") == Reply("没有查到您名下的订单 110*************15")


def test_a_couriers_phone_in_an_order_is_masked() -> None:
    assert said("订单 7878137872105389870：派送中。快递员 13812345678") == Reply(
        "订单 7878137872105389870：派送中。快递员 138****5678"
    )


def test_a_turn_without_a_reply_passes() -> None:
    assert MaskPersonalData()(tenant(), turn("问")).reply is None
