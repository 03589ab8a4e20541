"""What the how-to and the sample tenant show, tried."""

import tomllib
from pathlib import Path

from tests.dialog.test_answer_query import NOTHING, Shelf, Talk
from tests.dialog.turns import CORP
from wecom_bot.domain.tenant import Tenant

ROOT = Path(__file__).parents[2]
BLOCKS = [
    each.partition("```")[0]
    for each in ROOT.joinpath("docs/howto/business-queries.md").read_text("utf-8").split("```toml\n")[1:]
]
SAMPLE = tomllib.loads(ROOT.joinpath("deploy/business/tenant.toml").read_text("utf-8"))["tenants"][0]
ROWS = [
    {
        "order_no": "202600000001",
        "status": "已发货",
        "carrier": "顺丰",
        "tracking_no": "SF1",
        "updated_at": None,
        "no": "202600000001",
        "customer": "wm1",
        "phone": "13800008866",
        "amount": 12,
    },
]


def test_the_query_of_the_howto_is_taken() -> None:
    (query,) = (block for block in BLOCKS if "[[tenants.intents]]" in block)
    shop = Tenant.model_validate(tomllib.loads(f'[[tenants]]\ncorp_id = "{CORP}"\n{query}')["tenants"][0])
    talk = Talk(shop.model_copy(update={"recognizers": ("rules",)}), Shelf(ROWS))
    assert talk.hears("查一下我的订单 202600000001") == "订单 202600000001：已发货。顺丰 SF1。（）"


def test_the_second_factor_of_the_howto_is_the_samples() -> None:
    (verify,) = (block for block in BLOCKS if "[tenants.queries.verify]" in block)
    shown = tomllib.loads(f"[[tenants]]\n[[tenants.queries]]\n{verify}")["tenants"][0]["queries"][0]["verify"]
    (sample,) = (each["verify"] for each in SAMPLE["queries"] if "verify" in each)
    assert sample.items() <= shown.items()


def test_the_sample_tenant_answers() -> None:
    profile = {**SAMPLE, "corp_id": CORP, "business": {}, "recognizers": ["rules"]}
    talk = Talk(Tenant.model_validate(profile), Shelf(ROWS))
    assert talk.hears("查一下我的订单") == "请问您的订单号是多少？"
    assert talk.hears("202600000001") == "订单 202600000001：已发货，12.00 元。顺丰 SF1。（）"
    friend = Talk(talk.shop, Shelf(ROWS), customer="wm9")
    assert friend.hears("帮朋友查个订单") == "请问订单号是多少？"
    assert friend.hears("202600000001") == "为保护信息，请告诉我下单手机号的后四位。"
    assert friend.hears("尾号 0000") == NOTHING
    assert friend.hears("写错了，是8866") == "订单 202600000001：已发货。顺丰 SF1。"
    whole = Talk(talk.shop, Shelf(ROWS), customer="wm9")
    whole.hears("帮朋友查个订单 202600000001")
    assert whole.hears("手机号是13800008866") == "订单 202600000001：已发货。顺丰 SF1。"
