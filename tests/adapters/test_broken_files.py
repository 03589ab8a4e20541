"""Files that are broken: each is refused with its name and what to do, and never with a traceback."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from tests.fixtures.sheets import sheet
from wecom_bot.adapters.files.articles import read_articles
from wecom_bot.adapters.files.tenants import read_document
from wecom_bot.errors import InvalidInput

GOOD = sheet(("id", "question", "answer"), ("a", "问", "答"), ("b", 1, "答"))
SHEET = "xl/worksheets/sheet1.xml"

Change = Callable[[bytes], bytes | None]


def repacked(part: str, change: Change) -> bytes:
    """A good file with one of its parts changed, or left out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            changed = change(content) if name == part else content
            assert changed != content or name != part
            if changed is not None:
                after.writestr(name, changed)
    return packed.getvalue()


def flipped(part: str) -> bytes:
    """A good file in which a bit of a part has changed under way."""
    packed = bytearray(repacked(part, lambda content: content + b"<!-- here -->"))
    packed[packed.index(b"<!-- here") + 6] ^= 1
    return bytes(packed)


def chart_only() -> bytes:
    workbook, file = Workbook(), io.BytesIO()
    assert workbook.active is not None
    workbook.create_chartsheet().add_chart(BarChart())
    workbook.remove(workbook.active)
    workbook.save(file)
    return file.getvalue()


def cell(reference: bytes) -> Change:
    return lambda content: content.replace(b'r="A2"', b'r="' + reference + b'"')


def row(number: bytes) -> Change:
    return lambda content: content.replace(b'<row r="2"', b'<row r="' + number + b'"')


@pytest.mark.parametrize(
    "content",
    [
        *(
            repacked(part, lambda content: content[: len(content) // 2])
            for part in (SHEET, "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml")
        ),
        *(
            repacked(part, lambda _: b"<nothing/>")
            for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml")
        ),
        *(repacked(part, lambda _: None) for part in (SHEET, "xl/workbook.xml", "[Content_Types].xml")),
        *(flipped(part) for part in (SHEET, "xl/styles.xml", "xl/workbook.xml")),
        *(repacked(SHEET, cell(place)) for place in (b"!!", b"2A", b"A0x", b"ZZZZ2")),
        *(repacked(SHEET, row(number)) for number in (b"x", b"99999999")),
        *(
            repacked(SHEET, lambda content, value=value: content.replace(b't="n"><v>1<', value))  # type: ignore[misc]
            for value in (b't="s"><v>99<', b't="n"><v>one<', b't="b"><v>yes<', b't="d"><v>soon<')
        ),
        GOOD[: len(GOOD) // 2],
        GOOD[-200:],
        b"",
    ],
)
def test_a_broken_sheet_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "商品.xlsx"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"^商品\.xlsx .*另存为"):
        list(read_articles(path, lambda _: None))


def test_a_workbook_of_charts_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "图.xlsx"
    path.write_bytes(chart_only())
    with pytest.raises(InvalidInput, match=r"^图\.xlsx 里没有工作表"):
        list(read_articles(path, lambda _: None))


@pytest.mark.parametrize("content", ["a = " + "[" * 2000 + "]" * 2000, "a = " + "{b = " * 2000, "a = " + "1" * 5000])
def test_a_profile_that_nobody_wrote_by_hand_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "租户.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"租户\.toml"):
        read_document(path)
