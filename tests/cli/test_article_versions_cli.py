"""`wecom-bot articles`: versions, dates, tags and what is asked twice."""

import json

import pytest

from tests.fixtures.command_line import CommandLine

REFUND = {"id": "r1", "question": "怎么退货", "similar": ["我要退货", "能退吗"], "answer": "七天内可以退。"}
POST = {"id": "p1", "question": "几天到货", "similar": [], "answer": "三天，偏远地区五天"}
TENANT = """
[[tenants]]
corp_id = "ww_acme"
[[tenants.apps]]
name = "shop"
agent_id = 1
secret = "s"
token = "t"
encoding_aes_key = "aVersion0fItsOwnaVersion0fItsOwnaVersion0fI"
[[tenants.kf_accounts]]
open_kfid = "wk1"
app = "shop"
hours = { timezone = "Asia/Tokyo" }
"""


@pytest.fixture
def acme(wecom_bot: CommandLine) -> CommandLine:
    """A house with one tenant, whose people are in Tokyo, and no articles."""
    assert wecom_bot("tenants", "import", wecom_bot.write("tenants.toml", TENANT)).status == 0
    return wecom_bot


def put(house: CommandLine, *articles: object, options: tuple[str, ...] = (), name: str = "a.jsonl") -> tuple[int, str]:
    lines = "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    done = house("articles", "import", "ww_acme", house.write(name, lines), *options)
    return done.status, done.output + done.complaint


def exported(house: CommandLine) -> list[dict[str, object]]:
    return [json.loads(line) for line in house("articles", "export", "ww_acme").output.splitlines()]


def test_what_was_said_before_can_be_seen_and_said_again(acme: CommandLine) -> None:
    put(acme, REFUND)
    put(acme, {**REFUND, "answer": "不能退。"}, POST)
    assert acme("articles", "remove", "ww_acme", "r1", "--yes").status == 0
    told = acme("articles", "versions", "ww_acme", "r1").output
    places = [told.index(each) for each in ("version 3", "（已删除", "version 2", "不能退", "version 1", "七天")]
    assert places == sorted(places)
    assert "没有条目 r1" in acme("articles", "show", "ww_acme", "r1").complaint
    assert "版本 / version 4" in acme("articles", "rollback", "ww_acme", "r1", 1).output
    assert exported(acme) == [POST, REFUND]
    assert "七天内可以退" in acme("articles", "show", "ww_acme", "r1").output


def test_a_version_that_cannot_be_said_again_is_explained(acme: CommandLine) -> None:
    put(acme, REFUND)
    acme("articles", "remove", "ww_acme", "r1", "--yes")
    put(acme, {**POST, "similar": ["能退吗"]})
    assert "没有版本 9" in acme("articles", "rollback", "ww_acme", "r1", 9).complaint
    assert "版本 2 是删除" in acme("articles", "rollback", "ww_acme", "r1", 2).complaint
    assert "“能退吗”与已有条目 p1 的说法相同" in acme("articles", "rollback", "ww_acme", "r1", 1).complaint
    assert acme("articles", "rollback", "ww_acme", "r1", 1, "--allow-duplicates").status == 0
    assert "没有条目 r9" in acme("articles", "versions", "ww_acme", "r9").complaint


def test_the_same_words_under_two_articles_are_refused_with_both_lines(acme: CommandLine) -> None:
    twin = {**POST, "similar": ["　能退嗎？"]}
    status, said = put(acme, REFUND, twin)
    assert (status, exported(acme)) == (2, [])
    assert "文件第 2 行：“能退嗎？”与第 1 行的说法相同" in said
    assert put(acme, REFUND)[0] == 0
    status, said = put(acme, twin)
    assert "“能退嗎？”与已有条目 r1 的说法相同" in said
    assert acme("articles", "duplicates", "ww_acme").output == "没有 / none\n"


def test_what_is_allowed_or_stored_already_stays_and_is_listed(acme: CommandLine) -> None:
    twin = {**POST, "similar": ["能退吗"]}
    assert put(acme, REFUND, twin, options=("--allow-duplicates",))[0] == 0
    assert acme("articles", "duplicates", "ww_acme").output == "能退吗\tp1、r1\n"
    assert put(acme, REFUND, {**twin, "answer": "两天"})[0] == 0
    assert put(acme, {**twin, "answer": "一天"})[0] == 0
    assert put(acme, {**twin, "similar": ["能退吗", "我要退货"]})[0] == 2


def test_a_new_question_that_is_nearly_an_old_one_is_told(acme: CommandLine) -> None:
    status, said = put(acme, REFUND, POST)
    assert (status, "可能重复" in said) == (0, False)
    status, said = put(acme, {**REFUND, "id": "r2", "question": "我要怎么退货呢", "similar": []})
    assert status == 0
    assert "可能重复 / perhaps the same: r2 我要怎么退货呢  ≈ 0." in said
    assert " r1 怎么退货" in said


def test_tags_and_dates_are_the_tenants_own_days(acme: CommandLine) -> None:
    sale = {**POST, "tags": ["双十一", "物流"], "valid_from": "2026/11/1 8:30", "valid_until": "2026年11月11日"}
    assert put(acme, sale)[0] == 0
    kept = {
        **POST,
        "tags": ["双十一", "物流"],
        "valid_from": "2026-10-31T23:30:00+00:00",
        "valid_until": "2026-11-11T15:00:00+00:00",
    }
    assert exported(acme) == [kept]
    assert "unchanged 1" in put(acme, kept)[1]
    assert "#双十一 #物流" in acme("articles", "list", "ww_acme").output
    assert "unchanged 1" in put(acme, POST)[1]
    assert put(acme, {**POST, "tags": ["无"], "valid_from": "无", "valid_until": "none"})[0] == 0
    assert exported(acme) == [POST]


@pytest.mark.parametrize("day", ["2026-12-31", "20261231", "2026年12月31日", "2026/12/31", "２０２６.12.31"])
def test_the_last_day_counts_however_it_is_written(acme: CommandLine, day: str) -> None:
    assert put(acme, {**POST, "valid_until": day})[0] == 0
    assert exported(acme)[0]["valid_until"] == "2026-12-31T15:00:00+00:00"


def test_a_sheet_says_them_in_columns(acme: CommandLine) -> None:
    sheet = "编号,问题,答案,标签,生效,失效\na,一,二,售后；退款,,2026-12-31 18:00+08:00\n"
    assert acme("articles", "import", "ww_acme", acme.write("a.csv", sheet)).status == 0
    (article,) = exported(acme)
    assert (article["tags"], article["valid_until"]) == (["售后", "退款"], "2026-12-31T10:00:00+00:00")


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"valid_from": "明年"}, "生效应形如 2026-12-31"),
        ({"valid_until": "2026-13-01"}, "失效应形如 2026-12-31"),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "失效不晚于生效"),
        ({"tags": ["长" * 51]}, "标签最多 20 个，每个 50 字"),
    ],
)
def test_what_is_wrong_with_them_is_told(acme: CommandLine, wrong: dict[str, object], complaint: str) -> None:
    status, said = put(acme, {**POST, **wrong})
    assert status == 2
    assert f"文件第 1 行：{complaint}" in said
