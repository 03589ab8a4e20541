"""`wecom-bot queries`, and a tenant's own database in its file, as an operator uses them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.shop_database import DEMO, ShopDatabase, shop_database

SAMPLE = (Path(__file__).parents[2] / "deploy/business/tenant.toml").read_text("utf-8")
CORP = "ww1234567890abcdef"
DSN = tomllib.loads(SAMPLE)["tenants"][0]["business"]["dsn"]
MINE = DEMO["order_no"](1)


@pytest.fixture(scope="module")
def database(mysql_server: str) -> Iterator[ShopDatabase]:
    with shop_database(mysql_server) as made:
        yield made


@pytest.fixture
def shop(wecom_bot: CommandLine, database: ShopDatabase) -> CommandLine:
    """A house with the sample tenant, whose database is the demo's."""
    done = wecom_bot("tenants", "import", wecom_bot.write("shop.toml", SAMPLE.replace(DSN, database.dsn)))
    assert (done.status, done.complaint) == (0, "")
    return wecom_bot


def test_a_query_is_tried_as_if_a_customer_asked(shop: CommandLine) -> None:
    own = shop("queries", "try", CORP, "order", "--set", f"order_id={MINE}", "--customer", "wm_demo_000001")
    assert own.status == 0
    assert "found 1 行 rows，可以告诉客户 / may be told 1" in own.output
    assert f"订单 {MINE}：" in own.output
    others = shop("queries", "try", CORP, "order", "--set", f"order_id={MINE}", "--customer", "wm_demo_000002")
    assert f"没有查到您名下的订单 {MINE}" in others.output
    stock = shop("queries", "try", CORP, "stock", "--set", "sku=A0001")
    assert "连衣裙 1 号" in stock.output


def test_a_second_factor_has_to_match_and_is_not_shown(shop: CommandLine) -> None:
    last4 = DEMO["phone"](1)[-4:]
    right, wrong = (
        shop("queries", "try", CORP, "order_by_phone", "--set", f"order_id={MINE}", "--set", f"phone_last4={said}")
        for said in (last4, "0000")
    )
    assert "may be told 1" in right.output
    assert "found 1 行 rows，可以告诉客户 / may be told 0" in wrong.output
    assert DEMO["phone"](1) not in right.output + wrong.output


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("order", "--set", "order_id=1"), "还要 / it also needs: customer"),
        (("order", "--customer", "wm1"), "还要 / it also needs: order_id"),
        (("stock", "--set", "sku=A1", "--set", "size=L"), "不用 / the query does not use: size"),
        (("stock", "--set", "sku"), "名字=值"),
        (("nothing",), "现有 / there are: latest_orders, order, order_by_phone, stock"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(shop: CommandLine, arguments: tuple[str, ...], advice: str) -> None:
    done = shop("queries", "try", CORP, *arguments)
    assert done.status != 0
    assert advice in done.complaint


def test_the_dsn_is_sealed_shown_to_nobody_and_kept_until_it_is_taken_out(
    shop: CommandLine, database: ShopDatabase
) -> None:
    shown = shop("tenants", "show", CORP)
    assert "业务库 / business database: dsn 已存" in shown.output
    assert "reader" not in shown.output + shop("tenants", "export", CORP).output
    whole = shop("tenants", "export", CORP, "--with-secrets").output
    assert tomllib.loads(whole)["tenants"][0]["business"]["dsn"] == database.dsn
    without = SAMPLE.replace(f'dsn = "{DSN}"', "")
    assert "unchanged" in shop("tenants", "import", shop.write("again.toml", without)).output
    empty = SAMPLE.replace(f'dsn = "{DSN}"', 'dsn = ""')
    assert "已更新" in shop("tenants", "import", shop.write("empty.toml", empty)).output
    done = shop("queries", "try", CORP, "stock", "--set", "sku=A1")
    assert "没有 business.dsn" in done.complaint


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        (DSN, DSN.replace("%40", "@"), "business.dsn: 密码里的 '@' 要写成 %40"),
        (DSN, DSN.replace("%40", "#"), "business.dsn: 密码里的 '#' 要写成 %23"),
        ('owner = "customer"\n', "", "查询 / query order: 谁能看到"),
        ("AND m.external_userid = :customer", "", "查询 / query order: owner"),
        ("WHERE sku = :sku", "WHERE sku = :sku; DROP TABLE stock", "查询 / query stock: ;: 去掉分号"),
        ("{{ title }}", "{{ title.__class__ }}", "查询 / query stock: template: 不能用 __class__"),
        ('"query:stock"', '"query:stocks"', "没有这个查询"),
        ("column = ", "columns = ", "不认识的键"),
    ],
)
def test_a_mistake_in_a_tenants_file_is_told_by_the_querys_name(
    wecom_bot: CommandLine, old: str, new: str, advice: str
) -> None:
    assert old in SAMPLE
    done = wecom_bot("tenants", "import", wecom_bot.write("shop.toml", SAMPLE.replace(old, new)))
    assert done.status == 2
    assert advice in done.complaint
    assert "change" not in done.complaint.replace("unchanged", "")
