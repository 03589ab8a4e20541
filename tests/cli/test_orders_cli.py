"""`wecom-bot orders`, as an operator uses it."""

import json
from datetime import datetime

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.sheets import sheet
from wecom_bot.cli.reading import EVERY

SHIPPED = {
    "order_id": "202611200001234567",
    "customer": "wmAbc",
    "status": "已发货",
    "logistics": "顺丰 SF123",
    "updated_at": "2026-11-20 10:00",
}
PAID = {**SHIPPED, "order_id": "B2", "customer": "wmXyz", "status": "已付款", "logistics": ""}
LISTED = (
    "202611200001234567\twmAbc\t已发货\t顺丰 SF123\t2026-11-20 10:00:00+08:00\n"
    "B2\twmXyz\t已付款\t\t2026-11-20 10:00:00+08:00\n"
)


def jsonl(*orders: object) -> str:
    return "".join(json.dumps(order, ensure_ascii=False) + "\n" for order in orders)


@pytest.fixture
def acme(wecom_bot: CommandLine) -> CommandLine:
    """A house with two tenants, and no orders."""
    tenants = wecom_bot.write("tenants.toml", '[[tenants]]\ncorp_id = "ww_acme"\n[[tenants]]\ncorp_id = "ww_globex"\n')
    assert wecom_bot("tenants", "import", tenants).status == 0
    return wecom_bot


def listed(wecom_bot: CommandLine, corp_id: str = "ww_acme") -> str:
    return wecom_bot("orders", "list", corp_id).output


ENGLISH = "order_id,customer,status,logistics,updated_at"
CHINESE = "订单号,客户,状态,物流,更新时间"
ROWS = "\n202611200001234567,wmAbc,已发货,顺丰 SF123,2026/11/20 10:00\nB2,wmXyz,已付款,,2026-11-20T02:00:00Z\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("o.jsonl", jsonl(SHIPPED, PAID)),
        ("o.jsonl", jsonl({**SHIPPED, "order_id": 202611200001234567}, {**PAID, "logistics": None})),
        ("o.jsonl", jsonl(dict(zip(CHINESE.split(","), SHIPPED.values(), strict=True)), PAID)),
        ("o.csv", ENGLISH + ROWS),
        ("o.csv", (CHINESE + ROWS).encode("gbk")),
        ("o.tsv", (CHINESE + ROWS).replace(",", "\t").encode("utf-16")),
        (
            "o.xlsx",
            sheet(
                tuple(CHINESE.split(",")),
                ("202611200001234567", "wmAbc", "已发货", "顺丰 SF123", datetime(2026, 11, 20, 10)),  # noqa: DTZ001 - Excel's have no zone
                ("B2", "wmXyz", "已付款", None, "2026-11-20 10:00:00"),
            ),
        ),
    ],
    ids=["jsonl", "from-a-shop", "chinese-keys", "csv", "gbk", "tabs", "excel"],
)
def test_every_format_makes_the_same_orders(name: str, content: str | bytes, acme: CommandLine) -> None:
    done = acme("orders", "import", "ww_acme", acme.write(name, content))
    assert (done.status, done.complaint) == (0, "")
    assert "imported 2" in done.output
    assert listed(acme) == LISTED


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20 10:00:30", "2026-11-20 10:00:30+08:00"),
        ("2026/1/2 9:05", "2026-01-02 09:05:00+08:00"),
        ("2026-11-20", "2026-11-20 00:00:00+08:00"),
        ("2026年11月20日 10:00", "2026-11-20 10:00:00+08:00"),
        ("2026年11月20日10时05分30秒", "2026-11-20 10:05:30+08:00"),
        ("2026年11月20日", "2026-11-20 00:00:00+08:00"),
        ("2026.11.20 9点30分", "2026-11-20 09:30:00+08:00"),
        ("2026-11-20 10:00:00.0", "2026-11-20 10:00:00+08:00"),
        ("\u200e２０２６/11/20 10:00", "2026-11-20 10:00:00+08:00"),
        ("2026-11-19T21:00:00-05:00", "2026-11-20 10:00:00+08:00"),
    ],
)
def test_times_are_chinese_unless_they_say_otherwise(written: str, meant: str, acme: CommandLine) -> None:
    acme("orders", "import", "ww_acme", acme.write("o.jsonl", jsonl({**SHIPPED, "updated_at": written})))
    assert listed(acme).endswith(f"\t{meant}\n")


def test_a_customer_finds_an_order_however_its_number_stood_in_the_file(acme: CommandLine) -> None:
    rows = ("'202611200001,wmA\u200b,已发货,a,2026-11-20 10:00", "202611200002.0,\u00a0wmA,已发货,b,2026-11-20 10:00")
    done = acme("orders", "import", "ww_acme", acme.write("o.csv", "\n".join((CHINESE, *rows))))
    assert "imported 2" in done.output
    assert "清理了 4 个编号" in done.output
    ids = [line.split("\t")[0] for line in acme("orders", "list", "ww_acme", "--customer", "wmA").output.splitlines()]
    assert ids == ["202611200001", "202611200002"]


def test_a_long_import_says_how_far_it_is_and_a_short_one_nothing(acme: CommandLine) -> None:
    rows = "".join(f"{number},wmA,已发货,,2026-11-20 10:00\n" for number in range(EVERY + 1))
    done = acme("orders", "import", "ww_acme", acme.write("o.csv", f"{CHINESE}\n{rows}"))
    assert f"imported {EVERY + 1}" in done.output
    assert f"已读 / read {EVERY:,} 行" in done.complaint
    assert f"共 / in all {EVERY + 1:,} 行" in done.complaint


def test_an_import_adds_and_replaces_by_id(acme: CommandLine) -> None:
    acme("orders", "import", "ww_acme", acme.write("a.jsonl", jsonl(SHIPPED)))
    changed = {**SHIPPED, "status": "已签收"}
    assert acme("orders", "import", "ww_acme", acme.write("b.jsonl", jsonl(changed, PAID))).status == 0
    assert listed(acme) == LISTED.replace("已发货", "已签收")


def test_every_bad_line_is_named_and_nothing_is_imported(acme: CommandLine) -> None:
    lines = [
        jsonl(SHIPPED),
        "{not json",
        "",
        jsonl({**PAID, "order_id": " "}),
        jsonl({**PAID, "customer": ""}),
        jsonl({**PAID, "status": "长" * 201}),
        jsonl(SHIPPED),
        jsonl({**PAID, "order_id": "x" * 65, "updated_at": "昨天"}),
        jsonl({**PAID, "order_id": "2.02611E+17"}),
        jsonl({**PAID, "customer": "wm 1"}),
        jsonl({**PAID, "logistics": "顺丰\x00"}),
        jsonl({**PAID, "price": "9"}),
        jsonl({**PAID, "status": 3}),
        jsonl({**PAID, "updated_at": "0001-01-01"}),
        jsonl({**PAID, "订单号": "B3"}),
        jsonl({**PAID, "status": "已发货\ufdd0"}),
    ]
    done = acme("orders", "import", "ww_acme", acme.write("o.jsonl", "\n".join(line.rstrip("\n") for line in lines)))
    assert (done.status, listed(acme)) == (2, "")
    for line, problem in {
        2: "不是正确的 JSON",
        4: "订单号为空",
        5: "客户为空",
        6: "状态超过 200 字",
        7: "订单号 202611200001234567 与第 1 行重复",
        8: "订单号超过 64 字 / the order id is too long；更新时间应形如 2026-11-20 10:00",
        9: "订单号 2.02611E+17 已被 Excel 改成科学计数法",
        10: "订单号或客户里有空格",
        11: "含有无法显示的字符",
        12: "不认识的键 price",
        13: "status 应是字符串",
        14: "更新时间应形如",
        15: "order_id 写了两次",
        16: "含有无法显示的字符",
    }.items():
        assert f"文件第 {line} 行：{problem}" in done.complaint
    assert "文件有 14 处错误" in done.complaint
    assert "--skip-bad" not in done.complaint


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("o.csv", "order_id,customer,status\n", "第 1 行：缺少列 更新时间"),
        ("o.csv", ENGLISH + ",备注\n", "第 1 行：不认识的列 备注"),
        ("o.csv", "", f"第 1 行应是列名 {ENGLISH}"),
        ("o.csv", ENGLISH + "\n", "没有订单"),
        ("o.csv", ENGLISH + "\nB2,wm1,已付款,,\n", "文件第 2 行：更新时间应形如"),
        (
            "o.xlsx",
            sheet(tuple(ENGLISH.split(",")), (202611200001234567, "wmAbc", "已发货", "", "2026-11-20 10:00")),
            "文件第 2 行：有超过 15 位的数字",
        ),
    ],
)
def test_a_wrong_file_is_explained(name: str, content: str | bytes, complaint: str, acme: CommandLine) -> None:
    done = acme("orders", "import", "ww_acme", acme.write(name, content))
    assert (done.status, listed(acme)) == (2, "")
    assert complaint in done.complaint


def test_the_list_can_be_one_customers(acme: CommandLine) -> None:
    acme("orders", "import", "ww_acme", acme.write("o.jsonl", jsonl(SHIPPED, PAID)))
    assert acme("orders", "list", "ww_acme", "--customer", "wmXyz").output == LISTED.splitlines(keepends=True)[1]
    assert acme("orders", "list", "ww_acme", "--customer", "wmxyz").output == ""


def test_removing_takes_ids_or_all_and_asks_first(acme: CommandLine) -> None:
    acme("orders", "import", "ww_acme", acme.write("o.jsonl", jsonl(SHIPPED, PAID)))
    assert acme("orders", "remove", "ww_acme").status == 2
    done = acme("orders", "remove", "ww_acme", "B2", "b2", "--yes")
    assert (done.status, listed(acme)) == (1, LISTED)
    assert "no such orders: b2" in done.complaint
    assert acme("orders", "remove", "ww_acme", "B2", answer="n\n").status == 1
    assert "removed 1" in acme("orders", "remove", "ww_acme", "B2", answer="y\n").output
    assert "removed 1" in acme("orders", "remove", "ww_acme", "--all", "--yes").output
    assert listed(acme) == ""


def test_orders_of_a_tenant_that_is_not_there_are_refused(acme: CommandLine) -> None:
    for command in (("import", "ww_acmee", acme.write("o.jsonl", jsonl(PAID))), ("list", "ww_acmee")):
        done = acme("orders", *command)
        assert done.status == 1
        assert "没有租户 ww_acmee" in done.complaint


def test_tenants_do_not_see_each_others_orders(acme: CommandLine) -> None:
    acme("orders", "import", "ww_acme", acme.write("o.jsonl", jsonl(SHIPPED, PAID)))
    assert listed(acme, "ww_globex") == ""
    assert acme("orders", "remove", "ww_globex", "B2", "--yes").status == 1
    assert listed(acme) == LISTED
