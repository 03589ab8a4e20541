"""`wecom-bot articles`, as an operator uses it."""

import json

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.sheets import book, sheet

REFUND = {
    "id": "r1",
    "question": "怎么退货",
    "similar": ["我要退货", "能退吗"],
    "answer": "七天内可以退。\n请保留包装。",
}
POST = {"id": "p1", "question": "几天到货", "similar": [], "answer": "三天，偏远地区五天"}


def jsonl(*articles: object) -> str:
    return "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)


@pytest.fixture
def acme(wecom_bot: CommandLine) -> CommandLine:
    """A house with one tenant, and no articles."""
    tenants = wecom_bot.write("tenants.toml", '[[tenants]]\ncorp_id = "ww_acme"\n[[tenants]]\ncorp_id = "ww_globex"\n')
    assert wecom_bot("tenants", "import", tenants).status == 0
    return wecom_bot


def exported(wecom_bot: CommandLine, corp_id: str = "ww_acme") -> list[dict[str, object]]:
    return [json.loads(line) for line in wecom_bot("articles", "export", corp_id).output.splitlines()]


def test_an_import_says_what_changed(acme: CommandLine) -> None:
    done = acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND, POST)))
    assert "新增 / added 2，更新 / changed 0，无变化 / unchanged 0" in done.output
    assert exported(acme) == [POST, REFUND]
    changed = {**POST, "answer": "两天"}
    done = acme(
        "articles",
        "import",
        "ww_acme",
        acme.write("b.jsonl", jsonl(REFUND, changed, {**POST, "id": "p2", "question": "?"})),
    )
    assert "新增 / added 1，更新 / changed 1，无变化 / unchanged 1" in done.output


def test_who_waits_for_the_comparison_knows_that_all_is_saved(acme: CommandLine) -> None:
    many = [{"id": f"a{number}", "question": f"{number} 号有吗", "answer": "有"} for number in range(1_000)]
    first = acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(*many)))
    second = acme("articles", "import", "ww_acme", acme.write("b.jsonl", jsonl(POST)))
    assert "已存好" not in first.complaint
    assert "已存好；正在和已有的 1,000 条比" in second.complaint


def test_an_export_imports_as_the_same(acme: CommandLine) -> None:
    acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND, POST)))
    assert acme("articles", "export", "ww_acme", "-o", "out.jsonl").status == 0
    done = acme("articles", "import", "ww_acme", "out.jsonl")
    assert "added 0" in done.output
    assert "unchanged 2" in done.output


def test_what_articles_show_is_imported_and_exported(acme: CommandLine) -> None:
    shown = {**POST, "attachments": [{"kind": "image", "picture": "map.png"}], "careful": True}
    assert acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(shown))).status == 0
    assert exported(acme) == [shown]


def test_a_wrong_attachment_is_told_by_its_line(acme: CommandLine) -> None:
    wrong = {**POST, "attachments": [{"kind": "link", "title": "地图", "url": "a.cn"}]}
    done = acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND, wrong)))
    assert done.status != 0
    assert "文件第 2 行：第 1 个附件：url 应以 http" in done.complaint
    assert exported(acme) == []


CSV = """\
id,question,similar,answer
r1,怎么退货,我要退货|能退吗,"七天内可以退。
请保留包装。"
p1,几天到货,,"三天，偏远地区五天"
"""


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("gbk"),
        CSV.encode("utf-16"),
        CSV.replace("\n", "\r\n").encode("gb18030"),
        ("sep=;\n" + CSV.replace(",", ";")).encode("utf-8-sig"),
        CSV.replace(",", "\t").encode(),
        CSV.replace("id,question,similar,answer", "编号,问题,相似问,答案").encode("gbk"),
        CSV.replace("id,question", "ID, Question ").replace("|", "｜").encode(),
        CSV.replace("我要退货|能退吗", '"我要退货\n能退吗|"').encode(),
    ],
    ids=["utf-8", "bom", "gbk", "utf-16", "crlf", "excel-semicolons", "tabs", "chinese", "names", "line-feeds"],
)
def test_csv_is_read_however_it_was_saved(content: bytes, acme: CommandLine) -> None:
    done = acme("articles", "import", "ww_acme", acme.write("a.csv", content))
    assert (done.status, done.complaint) == (0, "")
    assert exported(acme) == [POST, REFUND]


@pytest.mark.parametrize("header", [("id", "question", "similar", "answer"), ("编号", "问题", "相似问", "答案")])
def test_excel_sheets_are_read_with_english_or_chinese_names(header: tuple[str, ...], acme: CommandLine) -> None:
    rows = (
        header,
        ("r1", "怎么退货", "我要退货|能退吗", "七天内可以退。\n请保留包装。"),
        (None, None, None, None),
        (7, "几点开门", None, 9.0),
        (8.0, "周末呢", "周六呢", True),
    )
    assert acme("articles", "import", "ww_acme", acme.write("a.xlsx", sheet(*rows))).status == 0
    assert exported(acme) == [
        {"id": "7", "question": "几点开门", "similar": [], "answer": "9"},
        {"id": "8", "question": "周末呢", "similar": ["周六呢"], "answer": "TRUE"},
        REFUND,
    ]


def test_an_import_tells_what_was_changed_and_what_was_left_out(acme: CommandLine) -> None:
    header = ("编号", "问题", "相似问", "答案")
    content = book(
        {
            "售前": (header, ("'r1", "怎么退货", "", "七天内。\\n请保留包装。"), ("p1", "怎么换货", "", None)),
            "说明": (("请勿修改",),),
            "旧版": (header, ("z", "旧问题", "", "旧答案")),
        },
        merged=["D2:D3"],
        hidden=[3, "旧版"],
    )
    done = acme("articles", "import", "ww_acme", acme.write("a.xlsx", content))
    assert (done.status, done.complaint) == (0, "")
    assert [(each["id"], each["answer"]) for each in exported(acme)] == [
        ("p1", "七天内。\n请保留包装。"),
        ("r1", "七天内。\n请保留包装。"),
    ]
    for told in (
        "清理了 1 个编号",
        "统一了 2 格里的换行",
        "合并单元格：填上了 1 格",
        "其中 1 行是隐藏的，也导入了",
        "已导入工作表 / sheets imported: 售前\n",
        "未导入工作表 / sheets not imported: 说明（不认识的列 请勿修改",
        "隐藏的工作表，未导入 / hidden sheets, not imported: 旧版\n",
    ):
        assert told in done.output


def test_an_import_of_which_nothing_was_changed_says_no_more(acme: CommandLine) -> None:
    done = acme(
        "articles", "import", "ww_acme", acme.write("a.xlsx", sheet(("id", "question", "answer"), ("a", "问", "答")))
    )
    assert done.output.count("\n") == 1


def test_one_bad_cell_and_nothing_of_any_sheet_is_imported(acme: CommandLine) -> None:
    header = ("编号", "问题", "相似问", "答案")
    content = book(
        {
            "售前": (header, ("a", "甲", "", "好"), ("b", "乙", "", "=A1")),
            "售后": (header, ("a", "丙", "", "好"), ("c", "丁", "", "=DISPIMG(1)")),
        }
    )
    done = acme("articles", "import", "ww_acme", acme.write("a.xlsx", content))
    assert (done.status, exported(acme)) == (2, [])
    assert "文件有 3 处错误" in done.complaint
    first, second, third = done.complaint.splitlines()[1:]
    assert first.startswith("文件工作表“售前”第 3 行：单元格 D3 的公式还没有算出结果")
    assert second.startswith("文件工作表“售后”第 2 行：编号 a 与工作表“售前”第 2 行重复")
    assert third.startswith("文件工作表“售后”第 3 行：单元格 D3 里是图片")


def test_every_bad_line_is_named_and_nothing_is_imported(acme: CommandLine) -> None:
    lines = [
        json.dumps(REFUND),
        "{not json",
        "",
        jsonl({"id": "", "question": "问", "answer": "答"}),
        jsonl({"id": "a", "question": "空", "answer": "  "}),
        jsonl({"id": "r1", "question": "别的", "answer": "答"}),
        jsonl({"id": "b", "question": " 怎么退货？ ", "answer": "答"}),
        jsonl({"id": "c", "question": "长", "answer": "答" * 3000}),
        jsonl({"id": "d", "question": "多", "answer": "答", "category": "x"}),
        jsonl({"id": "e", "question": "列", "similar": "一|二", "answer": "答"}),
        jsonl({"id": "f", "question": "半个字 \ud83d", "answer": "答\x00"}).replace("\ud83d", "\\ud83d"),
        "[]",
        jsonl({"id": "g", "question": 1, "answer": "答"}),
        jsonl({"id": "h", "question": "不是字符的码位", "answer": "答\uffff"}),
    ]
    path = acme.write("a.jsonl", "\n".join(line.rstrip("\n") for line in lines))
    done = acme("articles", "import", "ww_acme", path)
    assert (done.status, exported(acme)) == (2, [])
    for line, problem in {
        2: "不是正确的 JSON",
        4: "编号为空",
        5: "答案为空",
        6: "编号 r1 与第 1 行重复",
        7: "“怎么退货？”与第 1 行的说法相同",
        8: "答案有 9000 字节，最多 8000",
        9: "不认识的键 category",
        10: "similar 应是字符串的列表",
        11: "含有无法显示的字符",
        12: "每行应是一个 JSON 对象",
        13: "question 应是字符串",
        14: "含有无法显示的字符",
    }.items():
        assert f"文件第 {line} 行：{problem}" in done.complaint
    assert "文件有 12 处错误" in done.complaint
    done = acme("articles", "import", "ww_acme", path, "--skip-bad")
    assert done.status == 0
    assert "added 1" in done.output
    assert "skipped 12" in done.output
    assert "文件第 12 行" in done.complaint
    assert exported(acme) == [REFUND]


def test_of_very_many_bad_lines_twenty_are_shown(acme: CommandLine) -> None:
    done = acme("articles", "import", "ww_acme", acme.write("a.jsonl", "x\n" * 500))
    assert done.complaint.count("文件第") == 20
    assert "还有 480 处" in done.complaint


def test_a_question_that_a_stored_article_answers_is_refused(acme: CommandLine) -> None:
    acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND, POST)))
    done = acme("articles", "import", "ww_acme", acme.write("b.jsonl", jsonl({**REFUND, "id": "r2"})))
    assert done.status == 2
    assert "文件第 1 行：“怎么退货”与已有条目 r1 的说法相同" in done.complaint
    swapped = [{**REFUND, "question": POST["question"]}, {**POST, "question": REFUND["question"]}]
    assert acme("articles", "import", "ww_acme", acme.write("c.jsonl", jsonl(*swapped))).status == 0


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", 'id,question,answer\na,问,"没有关上\nb,问,答\n', "文件第 2 行：引号不成对"),
        ("a.csv", "id,question,answer\n\n\nb,问,,\nc,二,答,多\n", "文件第 5 行：第 4 列没有列名却有内容"),
        ("a.csv", "id,question,answer\nx,一,答\nb,问,\n", "文件第 3 行：答案为空"),
        ("a.csv", "id,question,answer\na,一,\uffff\n", "文件第 2 行：答案为空"),
        ("a.csv", "id,question,answer\na,\u2060\ufdd0,答\n", "文件第 2 行：问题为空"),
        ("a.csv", "id,question,answer,careful\na,一,二,也许\n", "文件第 2 行：谨慎应是“是”或“否”"),
        ("a.csv", "id,question\n", "第 1 行：缺少列 答案"),
        ("a.csv", "id,question,answer,备注\n", "第 1 行：不认识的列 备注"),
        ("a.csv", "id,question,answer,id\n", "第 1 行：有重复的列"),
        ("a.csv", "", "第 1 行应是列名"),
        ("a.csv", "id,question,answer\n", "没有条目"),
        (
            "a.csv",
            ("id,question,answer\n" + "一,二三四五六,七\n" * 3).encode() + b"\xe4\xb8,x,y\n",
            "第 5 行有损坏的 UTF-8",
        ),
        ("a.csv", b"id,question,answer\n\xff\xff\xff,x,y\n", "第 2 行无法识别编码"),
        ("a.jsonl", "", "没有条目"),
        ("a.xls", "x", "另存为 .xlsx"),
        ("a.xlsx", "x", "不是可读的 .xlsx"),
        ("a.xlsx", sheet(), "表格是空的"),
        ("a.xlsx", sheet(("id", "question", "answer"), (), ("a", "问", "#N/A")), "文件第 3 行：公式出错 #N/A"),
    ],
)
def test_a_wrong_file_is_explained(name: str, content: str | bytes, complaint: str, acme: CommandLine) -> None:
    done = acme("articles", "import", "ww_acme", acme.write(name, content))
    assert done.status == 2
    assert complaint in done.complaint


def test_articles_of_a_tenant_that_is_not_there_are_refused(acme: CommandLine) -> None:
    for command in (
        ("import", "ww_acmee", acme.write("a.jsonl", jsonl(POST))),
        ("list", "ww_acmee"),
        ("export", "ww_acmee"),
    ):
        done = acme("articles", *command)
        assert done.status == 1
        assert "没有租户 ww_acmee" in done.complaint


def test_removing_takes_ids_or_all_and_asks_first(acme: CommandLine) -> None:
    acme(
        "articles",
        "import",
        "ww_acme",
        acme.write("a.jsonl", jsonl(REFUND, POST, {**POST, "id": "p2", "question": "?"})),
    )
    assert acme("articles", "remove", "ww_acme").status == 2
    done = acme("articles", "remove", "ww_acme", "r1", "nothing", "--yes")
    assert done.status == 1
    assert "nothing" in done.complaint
    assert acme("articles", "remove", "ww_acme", "r1", answer="n\n").status == 1
    assert len(exported(acme)) == 3
    assert "removed 1" in acme("articles", "remove", "ww_acme", "r1", "--yes").output
    assert "removed 2" in acme("articles", "remove", "ww_acme", "--all", "--yes").output
    assert exported(acme) == []


def test_the_list_shows_ids_questions_and_how_many_similar_ones(acme: CommandLine) -> None:
    acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND, POST)))
    assert acme("articles", "list", "ww_acme").output == "p1\t几天到货\t+0\nr1\t怎么退货\t+2\n"


def test_tenants_do_not_see_each_others_articles(acme: CommandLine) -> None:
    acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND)))
    assert acme("articles", "list", "ww_globex").output == ""
    assert acme("articles", "import", "ww_globex", "a.jsonl").status == 0  # its question is nobody else's business
    acme("articles", "remove", "ww_globex", "--all", "--yes")
    assert exported(acme) == [REFUND]
