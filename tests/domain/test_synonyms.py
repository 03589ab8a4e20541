"""Words that mean the same to a tenant's customers."""

import pytest
from pydantic import ValidationError

from tests.fakes import tenant
from wecom_bot.domain.synonyms import rephrased

GROUPS = ("退货 = 退件 = 退回", "App = 小程序", "会员日＝粉丝节")


@pytest.mark.parametrize(
    ("said", "others"),
    [
        ("退件怎么弄", ["退货怎么弄", "退回怎么弄"]),
        ("怎么 退貨？", ["怎么 退件?", "怎么 退回?"]),
        ("ＡＰＰ里能退货吗", ["app里能退件吗", "app里能退回吗", "小程序里能退货吗", "小程序里能退件吗"]),
        ("粉丝节几号", ["会员日几号"]),
        ("退货退货", ["退件退件", "退回退回"]),
        ("怎么换货", []),
        ("apple 手机", []),
        ("myapp打不开", []),
        ("app2", []),
        ("", []),
    ],
)
def test_a_question_is_said_in_the_other_words(said: str, others: list[str]) -> None:
    assert rephrased(said, GROUPS) == others


def test_without_groups_nothing_is_said_otherwise() -> None:
    assert rephrased("退件怎么弄", ()) == []


def test_a_longer_word_goes_before_a_shorter_one() -> None:
    assert rephrased("退货款到了吗", ("退货 = 退件", "退货款 = 退款")) == ["退款到了吗"]


def test_the_ways_to_say_it_are_bounded() -> None:
    many = tuple(" = ".join(f"词{letter}{number}" for number in "一二三四五六七八九") for letter in "甲乙丙丁")
    said = "".join(group.split(" = ")[0] for group in many)
    assert len(rephrased(said * 1000, many)) == 4


def test_groups_are_tidied() -> None:
    assert tenant(synonyms=["退货=退件 ＝ 退回"]).synonyms == ("退货 = 退件 = 退回",)


@pytest.mark.parametrize(
    ("groups", "wrong"),
    [
        (["退货"], "2 to 20 words"),
        (["退货 ="], "1 to 30 letters"),
        (["退货 = ！！"], "1 to 30 letters"),
        (["退货 = " + "退" * 31], "1 to 30 letters"),
        ([" = ".join("一二三四五六七八九十百千万亿兆京垓秭穰沟涧")], "2 to 20 words"),
        (["退货 = 退件", "退回 = 退貨"], "stands in two groups: 退货"),
    ],
)
def test_what_is_no_group_is_refused(groups: list[str], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        tenant(synonyms=groups)
