"""Courtesies by their kind, and what only looks like them."""

import pytest

from wecom_bot.text.reading import Courtesy, courtesy
from wecom_bot.text.reading.courtesies import phrases

KINDS = {
    "greeting": (
        "你好 您好 你好呀 hi Hello 哈喽 嗨 早上好 晚上好~ 下午好！ 亲 hey 老板好 大家好 你们好 nihao hello亲 新年快乐"
    ),
    "presence": "在吗 在不在 在么 亲在吗 有空吗 你好在吗 客服在吗 还在吗 are_you_there 在？ 在吗在吗",
    "thanks": (
        "谢谢 谢谢你 多谢 谢啦 感谢 thx thank_you 好的谢谢 辛苦了 非常感谢您的帮助 麻烦您了 🙏 [玫瑰] 太感谢了 "
        "thanks_a_lot 嗯嗯谢谢亲 3Q"
    ),
    "nod": (
        "好的 好滴 嗯 嗯嗯 OK ok的 收到 知道了 明白 行 可以 哦哦 👌 [OK] 对 是的 好嘞 了解了 稍等 我看看 okay yes "
        "没问题 👍 [强]"
    ),
    "goodbye": "再见 拜拜 88 bye 晚安 祝您生意兴隆 好的再见 谢谢再见 👋 先走了 不打扰了 good_night",
    "praise": "你真棒 服务真好 666 厉害 太好了 不错 给你点赞 你好厉害 态度很好 awesome 客服很专业 真不错",
    "laughter": "哈哈 哈哈哈哈 嘿嘿 hhh 233 lol 😂 [呲牙] 笑死我了",
    "apology": "不好意思 对不起 抱歉 sorry 打扰了 打错了 不好意思打扰一下",
    "puzzled": "？ ?? …… 。。。 ？？？ 🤔 [疑问] ...",
    "emoji": "😊 [微笑] ~ ！ 🌞 /::) ^_^",
    "identity": (
        "你是谁 你是机器人吗 你是真人还是机器人 怎么称呼您 你叫什么名字 你能做什么 who_are_you are_you_a_bot? "
        "你好你是谁"
    ),
    "decline": "不用了 不用了谢谢 没事了 算了 没有了谢谢 不查了 下次再说吧 我自己看看 算了不问了 no_thanks 没有 no",
}
GIVEN = [(kind, text.replace("_", " ")) for kind, texts in KINDS.items() for text in texts.split()]


@pytest.mark.parametrize(("kind", "text"), GIVEN)
def test_a_courtesy_is_of_its_kind(kind: str, text: str) -> None:
    assert courtesy(text) == Courtesy(kind)


OTHERS = (
    "怎么换货 有人吗 人呢 在吗怎么退 好贵 谢谢惠顾是什么 你好像没懂 可以退吗 好不好用 没有订单号 取消订单 发票 12345 "
    "是正品吗 人工 好评返现 没收到 没有收到货"
    " 不行 不好 不对 差评 转人工 在哪 退 你们几点下班 不知道 没货吗 可以吗 好了吗 收到货了坏的 谢谢了怎么退 "
    "了解一下会员 [图片] [人工] no_good 看不懂 你行不行 我要退货 对公账户"
)


@pytest.mark.parametrize("text", [each.replace("_", " ") for each in OTHERS.split()])
def test_what_asks_for_something_is_none(text: str) -> None:
    assert courtesy(text) is None


def test_a_long_text_is_none_and_is_told_soon() -> None:
    assert courtesy("好" * 10_000) is None
    assert courtesy("好" * 29 + "x") is None


def test_no_phrase_looks_at_what_is_around_it() -> None:
    assert not [each for kind in Courtesy for each in phrases(kind) if "(?" in each or {*"^$\\"} & {*each}]
