from dataclasses import replace

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.mask_personal_data import MaskPersonalData
from wecom_bot.domain.message import Choice, Reply


def said(text: str, *choices: Choice) -> Reply | None:
    return MaskPersonalData()(tenant(), replace(turn("问"), reply=Reply(text, choices))).reply


def test_the_reply_and_its_choices_are_masked() -> None:
    assert said("请打13812345678", Choice("a", "卡号6217990038345335455")) == Reply(
        "请打138****5678", (Choice("a", "卡号****5455"),)
    )


def test_a_companys_own_address_mailbox_and_landline_stay_readable() -> None:
    published = "退货寄到浙江省杭州市余杭区文一西路969号，电话0571-85022088，邮箱service@example.com"
    assert said(published) == Reply(published)


def test_order_numbers_stay_readable() -> None:
    assert said("订单7878137872105389870已发货") == Reply("订单7878137872105389870已发货")


def test_a_turn_without_a_reply_passes() -> None:
    assert MaskPersonalData()(tenant(), turn("问")).reply is None
