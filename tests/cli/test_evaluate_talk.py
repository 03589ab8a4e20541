"""`wecom-bot evaluate talk`, as an operator uses it."""

import json
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine, Said
from tests.fixtures.tenant_files import ACME, GLOBEX

TENANT = """
[[tenants]]
corp_id = "ww_shop"
[[tenants.intents]]
name = "order_status"
examples = ["查一下我的订单"]
lookup = "order"
[[tenants.intents.slots]]
name = "order_id"
pattern = '(?<![0-9A-Za-z])[A-Z]{2}[0-9]{10,18}(?![0-9A-Za-z])'
ask = "订单号是多少？"
"""
ARTICLES = [
    {"id": "freight", "question": "运费多少", "answer": "满 99 元包邮。"},
    {"id": "swap", "question": "怎么换货", "answer": "请申请售后。"},
]
ONLY_MENUS = "[tenants.thresholds]\nsuggest = 0.01\nanswer = 1.0\n"  # for what is not said to the letter
UNKNOWN = "抱歉，这个问题我还不会"


def case(case_id: str, *said: str, **must: Any) -> dict[str, Any]:
    return {"id": case_id, "kind": "order", "said": list(said), "want": [], "never": [], **must}


def lines(*entries: object) -> str:
    return "\n".join(each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in entries)


def talk(wecom_bot: CommandLine, *cases: object, tenant: str = TENANT, options: tuple[str, ...] = ()) -> Said:
    files = {
        "--cases": wecom_bot.write("talk.jsonl", lines(*cases)),
        "--articles": wecom_bot.write("kb.jsonl", lines(*ARTICLES)),
        "--tenant": wecom_bot.write("tenant.toml", tenant),
    }
    return wecom_bot("evaluate", "talk", *(word for pair in files.items() for word in pair), *options)


def verdict(wecom_bot: CommandLine, *cases: object, tenant: str = TENANT) -> dict[str, Any]:
    done = talk(wecom_bot, *cases, tenant=tenant, options=("--json",))
    assert (done.status, done.complaint) == (0, "")
    told: dict[str, Any] = json.loads(done.output)
    return told


def test_the_customers_own_order_is_told_and_each_kind_counted(wecom_bot: CommandLine) -> None:
    told = verdict(
        wecom_bot,
        case("a", "查一下我的订单", "{order}", want=["订单 {order}", "满 99|已发货"], never=["没有查到"]),
        case("b", "运费多少", want=["包邮"], kind="article", turn={"handoff": False, "missed": False}),
        case("c", "查一下我的订单", "AB202611200001", want=["订单 {order}"]),
    )
    (wrong,) = told.pop("wrong")
    by_kind = {"order": {"n": 2, "right": 1}, "article": {"n": 1, "right": 1}}
    assert told == {"n": 3, "right": 2, "by_kind": by_kind, "mode": "lexical"}
    assert (wrong["id"], wrong["kind"]) == ("c", "order")
    assert wrong["said"] == ["查一下我的订单", "AB202611200001"]
    assert wrong["reply"].startswith("没有查到您名下的订单 AB202611200001")
    assert "lacks “订单 AB2026" in wrong["why"]
    assert [each.name for each in wecom_bot.folder.iterdir() if each.is_dir()] == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (case("a", "运费多少", want=["不包邮|自提"]), "缺 / lacks “不包邮|自提”"),
        (case("a", "运费多少", never=["包邮"]), "不该有 / has “包邮”"),
        (case("a", "运费多少", turn={"handoff": True}), "handoff 是 / is false，应为 / should be true"),
        (case("a", "转人工", turn={"handoff": False}), "handoff 是 / is true，应为 / should be false"),
        (case("a", "运费多少", turn={"missed": True}), "missed 是 / is false，应为 / should be true"),
        (case("a", "吃了吗", turn={"missed": False}), "missed 是 / is true，应为 / should be false"),
        (case("a", "货", "都不是", turn={"missed": False}), "missed 是 / is true，应为 / should be false"),
        (case("a", "转人工", "在吗"), "the bot is silent"),
    ],
)
def test_what_is_wrong_is_said(wecom_bot: CommandLine, wrong: dict[str, Any], why: str) -> None:
    (told,) = verdict(wecom_bot, wrong, tenant=TENANT + ONLY_MENUS)["wrong"]
    assert why in told["why"]
    assert "；" not in told["why"]


def test_a_menu_counts_with_its_choices(wecom_bot: CommandLine) -> None:
    said = case("a", "货怎么换来着", want=["怎么换货", "都不是", "您是想问"], turn={"missed": False})
    assert verdict(wecom_bot, said, tenant=TENANT + ONLY_MENUS)["wrong"] == []


def test_people_read_the_kinds_and_the_whole_of_what_went_wrong(wecom_bot: CommandLine) -> None:
    done = talk(
        wecom_bot, case("a", "运费多少"), case("b", "运费多少", "吃\n了吗", want=["99"], kind="meal", note="why")
    )
    table, _, rest = done.output.partition("\n\n")
    assert table.splitlines() == [
        "mode lexical",
        "    n right  kind",
        "    1     1  order",
        "    1     0  meal",
        "    2     1  全部 / all",
    ]
    assert rest.splitlines()[:5] == [
        "b  meal  （why）",
        "  客户 / customer: 运费多少",
        "  机器人 / bot: 满 99 元包邮。",
        "  客户 / customer: 吃",
        "    了吗",
    ]
    assert f"  机器人 / bot: {UNKNOWN}" in rest
    assert rest.endswith("  ✗ 缺 / lacks “99”\n")


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ("nothing", "JSON"),
        ("[]", "JSON"),
        ({"kind": "k", "said": ["a"]}, "id 应是"),
        (case(" ", "a"), "id 应是"),
        ({"id": "b", "said": ["a"]}, "kind 应是"),
        (case("b"), "said 应至少有一句"),
        (case("b", ""), "said 应是"),
        (case("b", "a", want="a"), "want 应是"),
        (case("b", "a", never=[7]), "never 应是"),
        (case("b", "a", turn={"handoff": "no"}), "turn 应是"),
        (case("b", "a", turn={"handed": True}), "turn 应是"),
        (case("b", "a", turn=[]), "turn 应是"),
        (case("b", "a", nevr=["a"]), "不认识的键 / unknown key: nevr"),
        ('{"id": "b", "kind": "k", "said": ["\\ud83d"]}', "half a character"),
        (case("b", "{order:roman}"), "unknown form: {order:roman}"),
        (case("b", "a", never=["{order:}"]), "unknown form: {order:}"),
        (case("a", "a"), "id a 写了两次"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(wecom_bot: CommandLine, bad: object, complaint: str) -> None:
    done = talk(wecom_bot, case("a", "在吗"), "", bad)
    assert (done.status, done.output) == (2, "")
    assert done.complaint.startswith("Error: talk.jsonl 第 3 行 / line 3: ")
    assert complaint in done.complaint


def test_a_file_without_a_case_is_refused(wecom_bot: CommandLine) -> None:
    assert "talk.jsonl 里一条也没有" in talk(wecom_bot, "").complaint


def test_a_tenant_may_have_secrets_or_none_and_need_not_look_orders_up(wecom_bot: CommandLine) -> None:
    exported = '[[tenants]]\ncorp_id = "ww_a"\n[[tenants.apps]]\nname = "app"\nagent_id = 1\n[tenants.coze]\n'
    for tenant in (ACME, GLOBEX, exported):
        assert verdict(wecom_bot, case("a", "运费多少", want=["99"]), tenant=tenant)["right"] == 1
    done = talk(wecom_bot, case("a", "运费多少"), case("b", "看 {order}"), tenant=GLOBEX)
    assert done.status == 2
    assert "talk.jsonl 第 2 行 / line 2: " in done.complaint
    assert "needs an intent of the tenant that looks orders up" in done.complaint


@pytest.mark.parametrize(
    ("tenant", "complaint"),
    [
        (ACME + GLOBEX, "tenants: 只能有一个租户"),
        ("", "至少写一个"),
        (TENANT.replace("lookup", "look_up"), "tenants[0].intents[0].look_up: 不认识的键"),
        ("tenants = ", "不是正确的 TOML"),
    ],
)
def test_a_wrong_tenant_is_refused_with_its_file(wecom_bot: CommandLine, tenant: str, complaint: str) -> None:
    done = talk(wecom_bot, case("a", "在吗"), tenant=tenant)
    assert (done.status, done.output) == (2, "")
    assert "tenant.toml" in done.complaint
    assert complaint in done.complaint
    assert "s3cret" not in done.complaint


def test_a_pattern_that_no_made_up_number_fits_is_said(wecom_bot: CommandLine) -> None:
    tenant = TENANT.replace("[A-Z]{2}[0-9]{10,18}", "[0-9]{3}-x-[0-9]{3}")
    done = talk(wecom_bot, case("a", "{order}"), tenant=tenant)
    assert done.status == 2
    assert "talk.jsonl 第 1 行 / line 1: " in done.complaint
    assert "no made-up order number fits" in done.complaint


def test_by_meaning_where_there_is_no_model_is_refused(wecom_bot: CommandLine) -> None:
    done = talk(wecom_bot, case("a", "在吗"), options=("--mode", "hybrid"))
    assert done.status == 2
    assert "make model" in done.complaint
