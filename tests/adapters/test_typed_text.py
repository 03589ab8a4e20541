r"""What people type into cells: \n for a new line, guards of exports, similar questions in one cell, pictures."""

from pathlib import Path

import pytest

from wecom_bot.adapters.files.articles import read_articles
from wecom_bot.adapters.files.orders import read_orders
from wecom_bot.adapters.files.typed import lines, unguarded
from wecom_bot.domain.draft import ArticleDraft, BadLine, OrderDraft, Tally


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (r"第一步\n第二步", "第一步\n第二步"),
        (r"第一步\r\n第二步", "第一步\n第二步"),
        (r"Step one\nStep two", "Step one\nStep two"),
        (r"一\n\n二", "一\n\n二"),
        (r"Q:\nHow?\nA:\nSo.", "Q:\nHow?\nA:\nSo."),
        ("一\r二\v三\x85四\u2028五", "一\n二\n三\n四\n五"),
        (r"打开 C:\new 文件夹", r"打开 C:\new 文件夹"),
        (r"打开 C:\new 文件夹\n然后重启", "打开 C:\\new 文件夹\n然后重启"),
        (r"C:\data\n第二步", "C:\\data\n第二步"),
        (r"C:\data\n2. 然后", "C:\\data\n2. 然后"),
        (r"C:\nginx\conf\nginx.conf", r"C:\nginx\conf\nginx.conf"),
        (r"C:\Program Files (x86)\news\n完成", "C:\\Program Files (x86)\\news\n完成"),
        (r"D:\报表\new\n完成", "D:\\报表\\new\n完成"),
        (r"\\nas\new\notes", r"\\nas\new\notes"),
        (r"HKEY_CURRENT_USER\Software\new", r"HKEY_CURRENT_USER\Software\new"),
        (r"..\new", r"..\new"),
        (r"%APPDATA%\news", r"%APPDATA%\news"),
        (r"写作 \\n", r"写作 \\n"),
        (r"正则 \d+", r"正则 \d+"),
    ],
)
def test_a_typed_line_break_is_one_but_in_a_path(typed: str, meant: str) -> None:
    assert lines(typed) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('="SF123 已到达"', "SF123 已到达"),
        ("'SF1234567", "SF1234567"),
        ("'十里红妆' 有货", "'十里红妆' 有货"),
        ("'Tis fine", "'Tis fine"),
        ("=1+1", "=1+1"),
        ('说“="”', '说“="”'),
    ],
)
def test_a_guard_is_no_part_of_a_text(written: str, meant: str) -> None:
    assert unguarded(written) == meant


def articles(folder: Path, text: str, name: str = "条目.csv") -> tuple[list[ArticleDraft | BadLine], Tally]:
    path, tally = folder / name, Tally()
    path.write_text(text, "utf-8")
    return list(read_articles(path, lambda _: None, tally)), tally


SIMILAR = (
    *("怎么操作；如何使用", "怎么操作;如何使用", "怎么操作|如何使用", "怎么操作｜如何使用"),
    *(r"怎么操作\n如何使用", "；怎么操作 ；；如何使用；", '"怎么操作\n如何使用"'),
)


@pytest.mark.parametrize("cell", SIMILAR)
def test_similar_questions_are_parted_however_people_part_them(tmp_path: Path, cell: str) -> None:
    (draft,), _ = articles(tmp_path, f"编号,问题,相似问,答案\na,怎么用,{cell},这样\n")
    assert isinstance(draft, ArticleDraft)
    assert draft.similar == ("怎么操作", "如何使用")


def test_what_an_xlsx_left_in_a_csv_is_a_line_break(tmp_path: Path) -> None:
    (draft,), _ = articles(tmp_path, '编号,问题,答案\na,怎么用,"第一步_x000D_\n第二步_x000D_第三步_x000D_"\n')
    assert isinstance(draft, ArticleDraft)
    assert draft.answer == "第一步\n第二步\n第三步"


def test_json_says_what_it_means(tmp_path: Path) -> None:
    line = r"""{"id": "'a", "question": "怎么\\n用", "similar": ["一；二"], "answer": "C:\\new\r\n好"}"""
    (draft,), tally = articles(tmp_path, line, "条目.jsonl")
    assert draft == ArticleDraft(1, "'a", r"怎么\n用", "C:\\new\n好", ("一；二",))
    assert tally == Tally(line_breaks=1)


def test_a_cell_of_json_keeps_its_own_line_breaks(tmp_path: Path) -> None:
    said = r'[{"kind": "link", "title": "a", "url": "http://a.cn", "description": "一\n二"}]'
    (draft,), _ = articles(tmp_path, '编号,问题,答案,附件\na,怎么用,这样,"' + said.replace('"', '""') + '"\n')
    assert isinstance(draft, ArticleDraft)
    assert draft.attachments == said


def test_a_picture_s_formula_is_refused_with_its_cell(tmp_path: Path) -> None:
    rows = 'a,尺码,"=DISPIMG(""ID_1"",1)"\nb,颜色,"=_xlfn.IMAGE(""https://a.cn/b.png"")"\n'
    (first, second), _ = articles(tmp_path, "编号,问题,答案\n" + rows)
    assert str(first).startswith("文件第 2 行：单元格 C2 里是图片")
    assert str(second).startswith("文件第 3 行：单元格 C3 里是图片")


def test_what_was_changed_is_counted(tmp_path: Path) -> None:
    _, tally = articles(tmp_path, "\ufeff编号,问题,相似问,答案\n'a,甲,一\\n二,好\\n的\nb,乙,,好\n１,丙,,好\n")
    assert tally == Tally(ids=2, line_breaks=2)


def test_ids_of_orders_and_customers_are_what_wecom_and_customers_say(tmp_path: Path) -> None:
    path, tally = tmp_path / "订单.csv", Tally()
    rows = (
        "'1,wmA\u200b,已发货,'SF1,2026-11-20 10:00",
        '"=""2""","=""wmA""",已发货,"=""SF2""",2026-11-20 10:00',
        "3.0,１００86.0,已发货,,2026-11-20 10:00",
        "\u202d4\u202c,\u00a0wmA,已发货,,2026-11-20 10:00",
        "5,wmA,已发货,,2026-11-20 10:00",
    )
    path.write_text("\n".join(("订单号,客户,状态,物流,更新时间", *rows)), "utf-8")
    found = [order for order in read_orders(path, lambda _: None, tally) if isinstance(order, OrderDraft)]
    assert [order.order_id for order in found] == ["1", "2", "3", "4", "5"]
    assert [order.customer for order in found] == ["wmA", "wmA", "10086", "wmA", "wmA"]
    assert [order.logistics for order in found] == ["SF1", "SF2", "", "", ""]
    assert tally == Tally(ids=8)
