"""Numbers as people write them, and what they are called."""

import re

import pytest

from wecom_bot.text.reading import read
from wecom_bot.text.reading.numbers import Label, joined, label

ORDER = "202611200001"


@pytest.mark.parametrize(
    "said",
    [
        "2026 1120 0001",
        "2026-1120-0001",
        "2026.1120.0001",
        "2026、1120、0001",
        "2026\u00a01120\u00a00001",
        "2026\u200b1120\u200b0001",
        "2026\n1120\n0001",
        "202 611 200 001",
        "20 26 11 20 00 01",
        "２０２６１１２００００１",
        "二零二六一一二零零零零一",
        "二〇二六 幺幺二〇 〇〇〇幺",
        "2026-11-20-0001",
    ],
)
def test_a_number_is_read_in_one_piece(said: str) -> None:
    assert joined(said) == ORDER
    assert joined(f"我的{said}到哪了") == f"我的{ORDER}到哪了"


@pytest.mark.parametrize("said", ["2026-11-20", "99.00 100.00", "一二三四", "3 件 5 元", "12 点 30", "1 2 3"])
def test_dates_prices_and_small_numbers_stay(said: str) -> None:
    assert joined(said) == said


def test_what_is_counted_is_no_piece_of_a_number() -> None:
    assert joined("2026 1120 0001 2件") == f"{ORDER} 2件"


@pytest.mark.parametrize(
    ("said", "called"),
    [
        (f"订单号：{ORDER}", Label.ORDER),
        (f"帮我查 {ORDER}", Label.ORDER),
        (f"我的手机13800138000 订单{ORDER}", Label.ORDER),
        (f"手机号码是{ORDER}", Label.PHONE),
        (f"快递单号{ORDER}", Label.PARCEL),
        (f"{ORDER}是快递单号", Label.PARCEL),
        (f"付款卡号：{ORDER}", Label.CARD),
        (f"我付了 {ORDER}", Label.AMOUNT),
        (f"{ORDER}元", Label.AMOUNT),
        (f"取货码 {ORDER}", Label.OTHER),
        (f"型号 {ORDER}", Label.ITEM),
        (f"身份证{ORDER}", Label.IDENTITY),
        (ORDER, None),
        (f"亲，{ORDER}什么时候到", None),
        (f"快递{ORDER}到哪了", None),
    ],
)
def test_the_nearest_words_say_what_a_number_is(said: str, called: Label | None) -> None:
    *_, last = re.finditer("[0-9]{12}", said)
    assert label(said, *last.span()) is called


@pytest.mark.parametrize(
    ("said", "about"),
    [
        (ORDER, ""),
        (f"订单号：{ORDER}", ""),
        (f"亲，【{ORDER}】谢谢🙏", ""),
        (f"{ORDER} 退款", "退款"),
        (f"{ORDER}什么时候到呀～", "什么时候到"),
        (f"手机号8613812345678，订单号{ORDER}", ""),
        ("12 号能到吗", "12 号能到吗"),
    ],
)
def test_what_is_asked_stands_beside_the_number(said: str, about: str) -> None:
    assert read(said).about.strip("， ") == about
