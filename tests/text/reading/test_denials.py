"""What is denied, what is meant instead, and what only sounds like a denial."""

import pytest

from wecom_bot.text.reading import read

DENIED = [
    "不用开发票",
    "不要换货",
    "不是问快递",
    "我没说要换货",
    "不需要发票了",
    "不开发票了",
    "不是要退货",
    "我不换货了",
    "没让你退款",
    "没打算退货",
    "不想分期付款",
    "我不想取消订单",
    "发票就不用了",
    "地址不改了",
    "货不换了",
    "催发货就不用了",
    "我不想退货",
    "先别转人工",
    "不用人工了",
    "谁问你优惠活动了",
    "我没有申请退货啊",
    "不用教我怎么换货",
    "你好，不用开发票，谢谢",
    "不需要礼品包装",
    "不是来投诉的",
    "I don't need an invoice",
    "no refund needed",
    "not asking about the price",
]


@pytest.mark.parametrize("said", DENIED)
def test_a_denial_asks_for_nothing(said: str) -> None:
    assert read(said).denies


@pytest.mark.parametrize(
    "said",
    [
        "不要了",
        "不想要了",
        "不要发货",
        "不用开发票可以吗",
        "不是正品",
        "不能退吗",
        "不是说包邮吗",
        "没收到货",
        "不给退",
        "别骗我",
        "不退款",
        "不用洗衣液可以吗",
        "不要机器人",
        "不要AI",
        "不能用",
        "不显示",
        "没有发票",
        "不给开发票",
        "没人理",
        "不知道怎么退",
        "没给我发货",
        "不是我要的颜色",
        "不用了我要退货",
        "没让我退款",
        "别忘了给我优惠",
        "没有说明书",
        "没问题吧这个质量",
        "没说不能退啊",
        "不用说了转人工",
        "快递不要了",
        "不要这个颜色了想换一个",
        "别废话转人工",
    ],
)
def test_what_only_sounds_like_one_is_none(said: str) -> None:
    assert not read(said).denies


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("不想注册会员了怎么注销", "怎么注销"),
        ("不是问快递，我问发票", "我问发票"),
        ("不用开发票，怎么换货", "怎么换货"),
        ("不是退货，是换货怎么弄", "换货怎么弄"),
        ("我问的不是运费，是怎么申请退货", "怎么申请退货"),
        ("不想付运费，怎么才能包邮", "怎么才能包邮"),
    ],
)
def test_what_is_meant_instead_is_the_topic(said: str, meant: str) -> None:
    assert read(said).topic == meant
