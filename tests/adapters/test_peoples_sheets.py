"""Sheets as people have them: a cell is what it shows, and what shows nothing of use is refused with its name."""

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from tests.fixtures.bombs import HEAD, STRINGS, TAIL, honest, workbook
from tests.fixtures.sheets import Row, Value, book, patched, sheet
from wecom_bot.adapters.files.articles import read_articles
from wecom_bot.adapters.files.orders import read_orders
from wecom_bot.domain.draft import ArticleDraft, BadLine, OrderDraft, Tally
from wecom_bot.errors import InvalidInput

HEADER = ("编号", "问题", "相似问", "答案")
ORDER = ("订单号", "客户", "状态", "物流", "更新时间")
AT = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - Excel's have no zone


def read(folder: Path, content: bytes, tally: Tally | None = None) -> list[ArticleDraft | BadLine]:
    path = folder / "条目.xlsx"
    path.write_bytes(content)
    return list(read_articles(path, lambda _: None, tally))


def answers(folder: Path, content: bytes, tally: Tally | None = None) -> list[str]:
    drafts = read(folder, content, tally)
    return [draft.answer for draft in drafts if isinstance(draft, ArticleDraft)]


def problem(folder: Path, content: bytes) -> str:
    (bad,) = (line for line in read(folder, content) if isinstance(line, BadLine))
    return str(bad)


def orders(folder: Path, content: bytes) -> Sequence[OrderDraft | BadLine]:
    path = folder / "订单.xlsx"
    path.write_bytes(content)
    return list(read_orders(path, lambda _: None))


def article(answer: Value, number: int = 1) -> Row:
    return (f"a{number}", f"问题{number}", "", answer)


def one(answer: Value, code: str | None = None) -> bytes:
    """A file with one article, whose answer is in D2."""
    return book({"Sheet": (HEADER, article(answer))}, {"D2": code} if code else None)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.85, "0%", "85%"),
        (12, '"¥"0.00"元"', "¥12.00元"),
        (time(9, 30), "h:mm", "9:30"),
        (datetime(2026, 12, 3), 'm"月"d"日"', "12月3日"),  # noqa: DTZ001
        (0.3, "0.00", "0.30"),
        (10020, "000000", "010020"),
        (date(2026, 12, 3), None, "2026-12-03"),
        (date(2026, 12, 3), "mm-dd-yy", "2026/12/3"),  # the number 14, which is the computer's own
        (AT, None, "2026-11-20 10:00:00"),
        (timedelta(hours=36), None, "36:00:00"),
        (1234.5, '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', "¥1,234.50"),
        ("已满 100 减 20", "@", "已满 100 减 20"),
        ("三天", '0;-0;0;"约"@', "约三天"),
        (True, None, "TRUE"),
        (9.0, None, "9"),
    ],
)
def test_a_cell_is_what_it_shows(tmp_path: Path, value: Value, code: str | None, text: str) -> None:
    assert answers(tmp_path, one(value, code)) == [text]


@pytest.mark.parametrize("code", ["0 kg", "[$-130000]yyyy", "0*x"])
def test_a_format_that_we_cannot_show_is_refused_with_the_cell_s_name(tmp_path: Path, code: str) -> None:
    said = problem(tmp_path, one(5, code))
    assert "文件第 2 行：单元格 D2 的数字格式" in said
    assert code in said
    assert "请换成常用的格式，或把这一格设为文本" in said


def test_a_date_before_all_others_is_refused_with_the_cell_s_name(tmp_path: Path) -> None:
    assert "单元格 D2 显示不出来（####）" in problem(tmp_path, one(-1, "yyyy/m/d"))


def test_a_format_nobody_uses_is_no_matter(tmp_path: Path) -> None:
    assert answers(tmp_path, one("三天", "0 kg")) == ["三天"]


def test_days_may_be_counted_from_1904(tmp_path: Path) -> None:
    content = patched(one(46359 - 1462, "yyyy/m/d"), "<workbookPr />", '<workbookPr date1904="1" />')
    assert answers(tmp_path, content) == ["2026/12/3"]


def test_a_date_in_words_is_shown_by_its_format(tmp_path: Path) -> None:
    for code, text in (("yyyy/m/d", "2026/12/3"), ("General", "2026-12-03")):
        content = patched(one(46359, code), 't="n"><v>46359<', 't="d"><v>2026-12-03T00:00:00<')
        assert answers(tmp_path, content) == [text]


def test_a_workbook_may_say_nothing_of_how_it_is_computed(tmp_path: Path) -> None:
    content = patched(one("三天"), '<calcPr calcId="124519" fullCalcOnLoad="1" />', "")
    assert answers(tmp_path, content) == ["三天"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            r"http://schemas\.openxmlformats\.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (r"<(/?)(?=\w)", r"<\1x:"),
    ],
    ids=["strict", "prefixes"],
)
def test_xml_is_read_in_the_words_of_other_programs(tmp_path: Path, old: str, new: str) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(one(0.5, "0%"))) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            part = before.read(name).decode()
            if name.startswith("xl/") and not name.endswith(".rels"):
                part = re.sub(old, new, part).replace('xmlns="', 'xmlns:x="' if "x:" in new else 'xmlns="')
            if "purl" in new:
                part = part.replace(
                    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                    "http://purl.oclc.org/ooxml/officeDocument/relationships",
                )
            after.writestr(name, part)
    assert answers(tmp_path, packed.getvalue()) == ["50%"]


def test_styles_that_only_other_programs_understand_do_no_harm(tmp_path: Path) -> None:
    content = patched(one(0.5, "0%"), "<fill><patternFill /></fill>", "<fill/><fill><odd/></fill>")
    content = patched(content, '<family val="2" />', '<family val="255" />')
    assert answers(tmp_path, content) == ["50%"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("第一步_x000D_\n第二步_x000D_", "第一步\n第二步"),
        ("第一步_x000D_第二步", "第一步\n第二步"),
        ("第一步_x000a_第二步", "第一步\n第二步"),
        ("写作 _x005F_x000D_ 的", "写作 _x000D_ 的"),
        ("_x005F_", "_"),
        ("笑_xD83D__xDE00_", "笑😀"),
        ("第一步\v第二步", "第一步\n第二步"),
        ("x_xyz_", "x_xyz_"),
    ],
)
@pytest.mark.parametrize("shared", [True, False])
def test_what_programs_write_by_number_is_read_as_it_was_typed(
    tmp_path: Path, written: str, meant: str, *, shared: bool
) -> None:
    escaped = written.replace("\v", "_x000B_")
    text = f"<si><t>{escaped}</t></si>".encode()
    cell = '<c t="s"><v>0</v></c>' if shared else f'<c t="str"><v>{escaped}</v></c>'
    row = f"<row><c><v>1</v></c><c><v>2</v></c>{cell}</row>".encode()
    content = workbook(sheet1=honest(HEAD + row + TAIL), sharedStrings=honest(STRINGS + text + b"</sst>"))
    assert answers(tmp_path, content) == [meant]


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ('<c r="D2" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>', "picture"),
        ('<c r="D2" t="str"><f>DISPIMG("ID_1",1)</f><v>x</v></c>', "picture"),
        ('<c r="D2" t="str"><v>=_xlfn.DISPIMG("ID_1",1)</v></c>', "picture"),
        ('<c r="D2" t="str"><f>_xlfn.IMAGE("https://a.cn/b.png")</f><v></v></c>', "picture"),
        ('<c r="D2" t="e" vm="1"><v>#VALUE!</v></c>', "picture"),
        ('<c r="D2" vm="1"></c>', "picture"),
        ('<c r="D2"><f>1+1</f></c>', "formula"),
        ('<c r="D2"><f>1+1</f><v></v></c>', "formula"),
        ('<c r="D2" t="str"><f>"a"&amp;"b"</f></c>', "formula"),
        ('<c r="D2"><f>A2</f><v>0</v></c>', "formula"),  # by a program that says that it did not compute
    ],
)
def test_a_picture_and_a_formula_that_nobody_computed_are_refused_with_their_cell(
    tmp_path: Path, cell: str, form: str
) -> None:
    said = problem(tmp_path, with_cell(cell))
    assert {"picture": "单元格 D2 里是图片", "formula": "单元格 D2 的公式还没有算出结果"}[form] in said


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="D2" t="str"><f>"顺丰 "&amp;"SF1"</f><v>顺丰 SF1</v></c>', "顺丰 SF1"),
        ('<c r="D2"><f>40+2</f><v>42</v></c>', "42"),
        ('<c r="D2" t="b"><f>TRUE()</f><v>1</v></c>', "TRUE"),
        ('<c r="D2"><v>0</v></c>', "0"),
    ],
)
def test_a_formula_is_what_it_gave(tmp_path: Path, cell: str, text: str) -> None:
    assert answers(tmp_path, with_cell(cell)) == [text]


def test_a_formula_may_give_nothing(tmp_path: Path) -> None:
    (draft,) = read(tmp_path, with_cell('<c r="D2" t="str"><f>IF(1,"","")</f><v></v></c>'))
    assert isinstance(draft, ArticleDraft)
    assert draft.answer == ""


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#SPILL!", "#GETTING_DATA"])
def test_a_formula_that_failed_is_refused_with_its_cell(tmp_path: Path, error: str) -> None:
    said = problem(tmp_path, with_cell(f'<c r="D2" t="e"><f>A9</f><v>{error}</v></c>'))
    assert f"文件第 2 行：公式出错 {error}（单元格 D2）" in said


def with_cell(cell: str) -> bytes:
    return patched(one("…"), '<c r="D2" t="inlineStr"><is><t>…</t></is></c>', cell)


def test_all_flawed_cells_of_a_row_are_named(tmp_path: Path) -> None:
    rows = (HEADER, ("a1", "=A9", "", "=A9"))
    said = problem(tmp_path, sheet(*rows))
    assert "B2" in said
    assert "D2" in said


def test_a_merged_cell_holds_for_every_row_that_it_spans(tmp_path: Path) -> None:
    rows = (HEADER, article("七天内可以。", 1), article(None, 2), article(None, 3), article("另算", 4))
    tally = Tally()
    content = book({"Sheet": rows}, merged=["D2:D4"])
    assert answers(tmp_path, content, tally) == ["七天内可以。"] * 3 + ["另算"]
    assert tally.merged == 2


def test_a_merged_cell_makes_no_rows_of_empty_ones(tmp_path: Path) -> None:
    rows = (HEADER, article("甲", 1), (None,) * 4, article(None, 2), (None, None, None, " "))
    content = book({"Sheet": rows}, merged=["D2:D9"])
    assert answers(tmp_path, content) == ["甲", "甲"]


def test_merged_column_names_are_no_row(tmp_path: Path) -> None:
    rows = (HEADER, (None,) * 4, article("甲"))
    content = book({"Sheet": rows}, merged=["A1:A2", "B1:B2", "C1:C2", "D1:D2"])
    assert answers(tmp_path, content) == ["甲"]


def test_a_cell_that_is_merged_to_the_side_says_nothing_of_other_columns(tmp_path: Path) -> None:
    content = book({"Sheet": (HEADER, ("a1", "怎么退", None, "可以"))}, merged=["B2:C2"])
    (draft,) = read(tmp_path, content)
    assert isinstance(draft, ArticleDraft)
    assert draft.similar == ()


def test_merged_dates_keep_their_moment(tmp_path: Path) -> None:
    rows = (ORDER, ("1", "wmA", "已发货", "a", AT), ("2", None, "已发货", "b", None))
    content = book({"Sheet": rows}, {"E2": 'm"月"d"日"'}, merged=["B2:B3", "E2:E3"])
    found = [(order.customer, order.updated_at) for order in orders(tmp_path, content) if isinstance(order, OrderDraft)]
    assert found == [("wmA", "2026-11-20 10:00:00")] * 2


def test_every_sheet_with_our_columns_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    tally = Tally()
    english = (("answer", "id", "question"), ("英文答案", "e", "英文"))
    content = book(
        {
            "售前": (HEADER, ("a", "售前问题", "", "售前答案")),
            "说明": (("请勿修改",), ("谢谢",)),
            "售后": english,
            "空": (),
            "旧版": (HEADER, ("z", "旧问题", "", "旧答案")),
        },
        hidden=["旧版"],
    )
    found = read(tmp_path, content, tally)
    assert [(draft.sheet, draft.line) for draft in found] == [("售前", 2), ("售后", 2)]
    assert [draft.answer for draft in found if isinstance(draft, ArticleDraft)] == ["售前答案", "英文答案"]
    assert tally.sheets == ["售前", "售后"]
    assert tally.other_sheets == ["说明（不认识的列 请勿修改 / unknown columns）", "空（空的 / empty）"]
    assert tally.hidden_sheets == ["旧版"]


def test_a_bad_row_is_named_with_its_sheet(tmp_path: Path) -> None:
    content = book({"甲": (HEADER, ("a", "问", "", "答")), "乙": (HEADER, ("b", "问二", "", "=A1"))})
    assert problem(tmp_path, content).startswith("文件工作表“乙”第 2 行：单元格 D2 的公式")


def test_a_file_of_which_no_sheet_has_our_columns_is_explained(tmp_path: Path) -> None:
    content = book({"说明": (("请勿修改",),), "旧版": (HEADER, ("z", "问", "", "答"))}, hidden=["旧版"])
    with pytest.raises(InvalidInput, match=r"^条目\.xlsx 里没有一个看得见的工作表.*说明（不认识的列.*旧版（隐藏的"):
        read(tmp_path, content)


def test_a_broken_sheet_among_several_is_told_by_its_name(tmp_path: Path) -> None:
    content = book({"甲": (HEADER, article("好")), "乙": (HEADER, article("破"))})
    with pytest.raises(InvalidInput, match=r"^条目\.xlsx 工作表“乙” 不是可读的"):
        read(tmp_path, patched(content, '<c r="D2" t="inlineStr"><is><t>破', '<c r="!!" t="inlineStr"><is><t>破'))


def test_hidden_rows_are_read_and_counted(tmp_path: Path) -> None:
    rows = (HEADER, article("甲", 1), article("乙", 2), (None,) * 4)
    tally = Tally()
    assert answers(tmp_path, book({"Sheet": rows}, hidden=[3, 4]), tally) == ["甲", "乙"]
    assert tally.hidden_rows == 1


def test_the_limits_are_those_of_all_sheets_together(tmp_path: Path) -> None:
    rows = b"<row/>" * 260_000
    content = book({"甲": (("id", "question", "answer"),), "乙": (("id", "question", "answer"),)})
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, part.replace(b"</sheetData>", rows + b"</sheetData>"))
    with pytest.raises(InvalidInput, match="超过 500,000 行"):
        read(tmp_path, packed.getvalue())


def test_numbers_in_an_id_s_column_are_what_a_customer_says(tmp_path: Path) -> None:
    rows: list[Row] = [
        ORDER,
        *((202611200101 + n, "wmA", "已发货", "", AT) for n in range(4)),
        (202611, "wmA", "已发货", "", AT),
    ]
    formats = {"A3": "0.00", "A4": "#,##0", "A5": "#,##0.00", "A6": "000000000000"}
    found = orders(tmp_path, book({"Sheet": rows}, formats))
    assert [order.order_id for order in found if isinstance(order, OrderDraft)] == [
        "202611200101",
        "202611200102",
        "202611200103",
        "202611200104",
        "000000202611",
    ]


def test_a_moment_is_known_however_its_cell_shows_it(tmp_path: Path) -> None:
    rows: list[Row] = [ORDER, *((str(n), "wmA", "已发货", "", AT) for n in range(3))]
    found = orders(tmp_path, book({"Sheet": rows}, {"E2": 'm"月"d"日"', "E3": "h:mm", "E4": "[$-804]dddd"}))
    assert [order.updated_at for order in found if isinstance(order, OrderDraft)] == ["2026-11-20 10:00:00"] * 3
