"""The questions of a message, and what is left of it without courtesies."""

import pytest

from wecom_bot.text.reading import Language, read

SEVERAL = [
    ("怎么换货？怎么开发票？", ("怎么换货？", "怎么开发票？")),
    ("怎么换货\n怎么开发票", ("怎么换货", "怎么开发票")),
    ("你好，怎么换货？另外怎么开发票呢，谢谢", ("怎么换货？", "怎么开发票呢")),
    ("运费多少，几天能到", ("运费多少", "几天能到")),
    ("怎么换货和怎么开发票", ("怎么换货", "怎么开发票")),
    ("怎么换货/怎么退货", ("怎么换货", "怎么退货")),
    ("1. 怎么退货\n2、怎么换货", ("怎么退货", "怎么换货")),
    ("1、怎么开发票 2、退款多久到账", ("怎么开发票", "退款多久到账")),
    ("①支持哪些支付方式②可以分期付款吗", ("支持哪些支付方式", "可以分期付款吗")),
    ("运费怎么算还有发什么快递", ("运费怎么算", "发什么快递")),
]


@pytest.mark.parametrize(("said", "questions"), SEVERAL)
def test_each_question_stands_by_itself(said: str, questions: tuple[str, ...]) -> None:
    assert read(said).questions == questions


@pytest.mark.parametrize(
    "said",
    [
        "怎么退货，要多久",
        "我昨天买的衣服。怎么退？",
        "我要换货。订单号是202611200001",
        "这款还有货吗",
        "见 https://a.com/x?y=1,2 怎么用",
        "你好 请问 怎么退",
    ],
)
def test_one_matter_is_one_question(said: str) -> None:
    assert len(read(said).questions) < 2


def test_more_questions_than_four_are_four() -> None:
    assert len(read("怎么退？怎么换？怎么修？怎么查？怎么买？怎么卖？").questions) == 4


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("你好，怎么退货，谢谢", "怎么退货"),
        ("在吗\n我要退货", "我要退货"),
        ("亲 请问一下运费怎么算呀，急急急", "运费怎么算呀"),
        ("hi, how do I return it? thanks", "how do I return it？"),
        ("[微笑]怎么退货[玫瑰]", "怎么退货"),
        ("@小助手 怎么退货", "怎么退货"),
        ("你好像没懂", "你好像没懂"),
        ("谢谢", "谢谢"),
    ],
)
def test_courtesies_take_nothing_from_what_they_stand_around(said: str, topic: str) -> None:
    assert read(said).topic == topic


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("怎么退货", Language.CHINESE),
        ("how are you", Language.ENGLISH),
        ("ok", None),
        ("👍", None),
        ("iPhone15 多少钱", Language.CHINESE),
    ],
)
def test_the_language_is_told_where_it_can_be(said: str, language: Language | None) -> None:
    assert read(said).language is language
