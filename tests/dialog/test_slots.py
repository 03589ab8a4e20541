import pytest

from wecom_bot.dialog.slots import VALUE_MOST, find, fit, is_bare, is_open, missing, readable
from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.pattern import TEXT_MOST

ORDER_ID = SlotSpec(name="order_id", pattern=r"(?<![0-9])[0-9]{6,20}(?![0-9])", ask="？")
TAIL = SlotSpec(name="tail", pattern="尾号([0-9]{4})", ask="？")
REASON = SlotSpec(name="reason", pattern=".+", ask="？")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("订单号是７８７８１３７８，谢谢", "78781378"),
        ("7878\u200b1378", "78781378"),
        ("订单12345", None),
        ("不是这个订单，是 222222", "222222"),
        ("不是111111，是222222", "222222"),
        ("是222222，不是订单号 111111", "222222"),
        ("是不是111111", "111111"),
        ("不是111111", None),
        ("111111 和 222222 都查一下", "111111"),
        ("手机13812345678，单号20261120001", "20261120001"),
        ("手机13812345678", "13812345678"),
    ],
)
def test_the_value_that_is_meant_is_found(said: str, value: str | None) -> None:
    assert find(ORDER_ID, readable(said)) == value


def test_of_two_values_the_new_one_is_the_correction() -> None:
    assert find(ORDER_ID, "111111 到了，222222 呢", known="111111") == "222222"
    assert find(ORDER_ID, "还是 111111", known="111111") == "111111"


def test_a_value_belongs_to_one_slot_only() -> None:
    assert find(ORDER_ID, "111111", taken=["111111"]) is None


def test_the_first_group_is_the_value() -> None:
    assert find(TAIL, "尾号1234的那个") == "1234"
    assert fit(TAIL, "尾号1234") == "1234"
    assert fit(TAIL, "12") is None


def test_a_group_that_takes_no_part_is_no_value() -> None:
    assert find(SlotSpec(name="size", pattern="大|(小)", ask="？"), "大的") is None


def test_an_open_slot_is_one_that_any_words_fit() -> None:
    assert is_open(REASON)
    assert not is_open(ORDER_ID)
    assert is_bare(ORDER_ID, "123456。")
    assert not is_bare(REASON, "坏了")


def test_what_is_missing_is_asked_for_in_the_tenants_order() -> None:
    spec = IntentSpec(name="a", slots=(ORDER_ID, TAIL))
    assert missing(spec, {"tail": "1234"}) == ORDER_ID
    assert missing(spec, {"order_id": "1"}) == TAIL
    assert missing(spec, {"order_id": "1", "tail": "1"}) is None


def test_long_texts_and_long_values_are_cut() -> None:
    assert len(readable("﷽" * 5000)) == TEXT_MOST
    assert find(REASON, "很" * 5000) == "很" * VALUE_MOST


def test_a_slow_pattern_ends_because_the_text_that_it_may_read_is_bounded() -> None:
    assert find(SlotSpec(name="slow", pattern="[0-9]+x", ask="？"), readable("1" * 1_000_000)) is None
    assert find(ORDER_ID, readable("不是" * 50_000 + "1" * 50_000)) is None


@pytest.mark.parametrize(
    "said",
    [
        "202611200001 不对，应该是 202611200008",
        "202611200001，不对，202611200008",
        "202611200001写错了，202611200008才对",
        "202611200001 不是的，202611200008",
        "应该是202611200008，202611200001 发错了",
        "不是202611200001，是202611200008，写错了",
    ],
)
def test_of_two_the_one_that_is_not_taken_back_is_meant(said: str) -> None:
    number = SlotSpec(name="order_id", pattern="(?<![0-9])[0-9]{12,19}(?![0-9])", ask="订单号？")
    assert find(number, said) == "202611200008"
    assert find(number, said, known="202611200008") == "202611200008"


def test_a_lone_value_before_a_comma_is_not_taken_back_and_a_doubt_takes_back_nothing() -> None:
    number = SlotSpec(name="order_id", pattern="(?<![0-9])[0-9]{12,19}(?![0-9])", ask="订单号？")
    assert find(number, "是202611200008，刚才写错了") == "202611200008"
    assert find(number, "202611200008不对吗") == "202611200008"
    assert find(number, "202611200008 不对") is None
