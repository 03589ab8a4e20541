import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.questions import DATA
from wecom_bot.text.privacy import PersonalDataKind, find, mask

NUMBERS = (
    "13812345678",
    "+86 138-1234-5678",
    "幺三八幺二三四五六七八",
    "43010219540419805X",
    "310115199304241529",
    "6217990038345335455",
    "9558 8006 4093 2479 879",
    "0571-85022088",
    "a.b@example.org",
    "京A12345",
    "护照E12345678",
    "浙江省杭州市余杭区文一西路969号",
    "订单号6222857734515411587",
    "https://example.com/?p=13812345678",
)
TALK = st.lists(
    st.one_of(
        st.sampled_from(NUMBERS),
        st.text("0123456789 -.*xX@a京电话卡，一幺新车路区号", max_size=12),
        st.text(max_size=5),
    ),
    max_size=6,
).map("".join)


@cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "personal_data.jsonl").read_text("utf-8").splitlines()]


def kinds(text: str) -> list[PersonalDataKind]:
    return [span.kind for span in find(text)]


@pytest.mark.parametrize("kind", list(PersonalDataKind))
def test_every_kind_is_found_whole_and_nothing_else_taken_for_it(kind: PersonalDataKind) -> None:
    wanted = {(row["id"], e["start"], e["end"]) for row in rows() for e in row["entities"] if e["type"] == kind}
    found = {(row["id"], span.start, span.end) for row in rows() for span in find(row["text"]) if span.kind == kind}
    assert wanted
    assert len(wanted & found) >= 0.99 * len(wanted)
    assert len(wanted & found) >= 0.98 * len(found)


def test_no_value_of_the_set_is_readable_after_masking() -> None:
    leaks = [row["text"] for row in rows() for each in row["entities"] if each["value"] in mask(row["text"])]
    assert leaks == []


def test_orders_parcels_and_other_numbers_that_look_personal_survive() -> None:
    traps = [row for row in rows() if row["kind"].startswith("trap:")]
    changed = Counter(row["kind"] for row in traps if mask(row["text"]) != row["text"])
    assert changed.total() <= 0.01 * len(traps)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("打+86 138-1234-5678", "打138****5678"),
        ("幺三八幺二三四五六七八", "幺三八****五六七八"),
        ("１３８\u200b１２３４\u200b５６７８", "138****5678"),
        ("下午三13812345678", "下午三138****5678"),
        ("310115199304241529", "310*************29"),
        ("卡6217 9900 3834 5335 455", "卡****5455"),
        ("support@example.org", "s***@example.org"),
        ("公司0571-85022088", "公司0571-****2088"),
        ("京A·12345", "京A****5"),
        ("护照E12345678", "护照E****78"),
        ("寄到杭州市余杭区文一西路969号3幢", "寄到杭州市余杭区****"),
    ],
)
def test_the_shape_of_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "打10086或95588，400-820-8820",
        "单价15800000000.00元",
        "版本13.0.1380.138",
        "尾号5678的订单20251027194349",
        "https://example.com/?p=13812345678",
        "这款新A12345有货吗",
        "验证码473349",
        "我在上海市浦东新区，想买5号电池",
        "",
    ],
)
def test_what_is_not_personal_stays_as_it_is(text: str) -> None:
    assert mask(text) == text
    assert find(text) == ()


def test_the_nearest_word_tells_a_card_from_an_order() -> None:
    number = "6222857734515411587"
    assert kinds(f"银行卡{number}什么时候到账") == [PersonalDataKind.BANK_CARD]
    assert kinds(f"订单号{number}") == []
    assert kinds(f"帮我退{number}这个订单") == []
    assert kinds(number) == [PersonalDataKind.BANK_CARD]  # no word: rather one order number too many


def test_only_the_kinds_asked_for_are_masked() -> None:
    assert mask("13812345678 a@b.cn", {PersonalDataKind.EMAIL}) == "13812345678 a***@b.cn"


def test_stars_around_a_number_hide_it_from_nobody() -> None:
    assert mask("****13812345678****") == "****138****5678****"


@settings(max_examples=300, derandomize=True)
@given(TALK)
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@settings(max_examples=300, derandomize=True)
@given(TALK)
def test_spans_lie_in_order_within_the_text_and_a_text_without_any_is_returned_as_it_is(text: str) -> None:
    spans = find(text)
    borders = [border for span in spans for border in (span.start, span.end)]
    assert borders == sorted(borders)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    if not spans:
        assert mask(text) == text


@pytest.mark.parametrize(
    "piece",
    ["市区", "1", "a@", "区路1", "上海市浦东新区", "一", "1234 ", "路", "*", "a.", "京A", "1 3 ", "4000 ", "一 三 "],
)
def test_hostile_lengths_are_no_trouble(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    assert mask(mask(text)) == mask(text)
