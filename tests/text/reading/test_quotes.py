"""What of a message is quoted, and what is its writer's own."""

import pytest

from wecom_bot.text.reading import own_words

BOT = "这个问题我还不会，回复“人工”联系客服。"
QUOTED = [
    (f"「客服：{BOT}」\n- - - - - - - - - - - - - - -\n怎么换货", "怎么换货"),
    (f"「小助手：{BOT}」\n——————\n运费多少\n包邮吗", "运费多少\n包邮吗"),
    (f"「小助手：{BOT}」\n运费多少", "运费多少"),
    ("「A：「B：转人工」\n- - - -\n好的」\n- - - - -\n怎么退", "怎么退"),
    ('这是一条引用/回复消息：\n"回复人工联系客服"\n------\n运费怎么算', "运费怎么算"),
    ('This is a quote/reply:\n"Support:\nreply human"\n------\nwhere is it', "where is it"),
    ("“转人工请回复1”\n——————\n包邮吗", "包邮吗"),
    ("引用：“转人工”\n怎么退货", "怎么退货"),
    ("[引用] 小李：转人工\n-----\n多少钱", "多少钱"),
    ("回复 @小助手：怎么退货", "怎么退货"),
    ("> 回复“人工”联系客服\n怎么退货", "怎么退货"),
    ("怎么退货\n-----原始邮件-----\n转人工", "怎么退货"),
    ("怎么换货\n- - - - - -\n「客服：回复人工」", "怎么换货"),
    ("「客服：转人工」\r\n- - - - - - -\r\n怎么退货", "怎么退货"),
    ("「客服：转人工」\n- - - - - - -", ""),
]


@pytest.mark.parametrize(("said", "own"), QUOTED)
def test_a_quote_is_none_of_the_writers_own_words(said: str, own: str) -> None:
    assert own_words(said) == own


@pytest.mark.parametrize(
    "said",
    [
        "「优惠券」怎么用",
        "> 100 元包邮吗\n好",
        ">>>怎么用",
        "回复：人工",
        "回复人工",
        "人工\n-----\n",
        "“包邮”是什么意思",
        "---\n怎么退\n---",
        "【订单】怎么退",
        "",
    ],
)
def test_what_only_looks_like_a_quote_stays_as_it_is(said: str) -> None:
    assert own_words(said) == said
