"""Files that are made to fill the memory or to take hours: each is refused early, with what to do."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.fixtures.bombs import HEAD, STRINGS, TAIL, Part, honest, repeated, workbook, zipped
from wecom_bot.adapters.files import limits
from wecom_bot.adapters.files.articles import read_articles
from wecom_bot.adapters.files.orders import read_orders
from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.errors import InvalidInput

MEMORY = 600 << 20
READER = f"""
import resource, sys
from pathlib import Path
from wecom_bot.adapters.files.articles import read_articles
from wecom_bot.errors import InvalidInput
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
count = 0
try:
    for _ in read_articles(Path(sys.argv[1]), lambda _: None):
        count += 1
except InvalidInput as e:
    print(e)
print(count)
"""
MB = 1 << 20


def rows(block: bytes, times: int, size: int | None = None) -> bytes:
    return workbook(sheet1=repeated(HEAD, block, times, TAIL, size))


def read(folder: Path, content: bytes, name: str = "条目.xlsx") -> Sequence[ArticleDraft | BadLine]:
    path = folder / name
    path.write_bytes(content)
    return list(read_articles(path, lambda _: None))


def in_little_memory(folder: Path, content: bytes, name: str) -> str:
    """What reading it says in a process that has no more memory than an honest file needs."""
    path = folder / name
    path.write_bytes(content)
    command = [sys.executable, "-c", READER, str(path)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    return ended.stdout


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (rows(b"<row/>" * 40_000, 1000), "解压后大了 200 倍以上"),
        (rows(b"<row/>" * 40_000, 1000, size=30 * MB), "超过 500,000 行"),
        (rows(b"x" * MB, 2000), "解压后超过 512 MB"),
        (rows(b'<row><c t="inlineStr"><is><t>' + b"x" * MB, 31), "超过 131,072 个字符"),
        (workbook(sharedStrings=repeated(STRINGS + b"<si><t>", b"x" * MB, 31, b"</t></si></sst>")), "131,072 个字符"),
        (workbook(sharedStrings=repeated(STRINGS, b"<si/>" * 200_000, 30, b"</sst>")), "超过 2,000,000 段文字"),
        (workbook(styles=repeated(b"<a>", b"<b/>" * 250_000, 30, b"</a>")), "styles.xml 超过 16 MB"),
        (workbook(styles=repeated(b"<a>", b"<b/>" * 250_000, 2, b"</a>")), "超过 200,000 个元素"),
        (workbook(sheet1=repeated(HEAD + b"<row a='", b"x" * MB, 31, TAIL)), "超过 1 MB 的标签"),
        (rows(b"<row>" + b"<c/>" * 16_000 + b"</row>", 200), "超过 3,000,000 个单元格"),
        (rows(b"<a/>" * 250_000, 31, size=6 * MB), "另存为"),
    ],
    ids=["rows", "lying", "two-gb", "cell", "string", "strings", "styles", "elements", "tag", "cells", "elsewhere"],
)
def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_in_little_memory(
    tmp_path: Path, content: bytes, what: str
) -> None:
    said = in_little_memory(tmp_path, content, "条目.xlsx")
    assert said.startswith("条目.xlsx")
    assert what in said
    assert "另存为" in said or "请把文件分成几份" in said


@pytest.mark.parametrize(
    "content",
    [
        workbook(sheet1=honest(b'<!DOCTYPE a [<!ENTITY e "x">]>' + HEAD + TAIL)),
        workbook(sharedStrings=honest(b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + STRINGS + b"</sst>")),
        workbook(styles=honest(b'<!DOCTYPE a [<!ENTITY e "x"><!ENTITY f "&e;&e;">]><a>&f;</a>')),
        workbook(workbook=honest("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>".encode("utf-16"))),
    ],
    ids=["sheet", "strings", "styles", "workbook"],
)
def test_a_document_type_is_refused_wherever_it_stands(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"^条目\.xlsx 文件里有 DTD"):
        read(tmp_path, content)


def test_a_column_far_away_counts_only_with_something_in_it(tmp_path: Path) -> None:
    line = b'<row r="9"><c r="A9"><v>1</v></c><c r="B9"><v>2</v></c><c r="C9"><v>3</v></c><c r="XFD9" s="0"%s</row>'
    (draft,) = read(tmp_path, rows(line % b"/>", 1))
    assert draft == ArticleDraft(9, "1", "2", "3", (), "")
    with pytest.raises(InvalidInput, match=r"第 9 行：第 16384 列有内容，最多 256 列"):
        read(tmp_path, rows(line % b"><v>4</v></c>", 1))


def test_texts_that_cells_share_are_read_without_how_they_sound(tmp_path: Path) -> None:
    texts = (
        b"<si><t>id</t></si><si><r><t>que</t></r><r><t xml:space='preserve'>stion</t></r></si><si><t>answer</t></si>"
    )
    sound = "<si><t>东京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>".encode()
    row = b"<row>" + b"".join(b'<c t="s"><v>%d</v></c>' % n for n in range(3)) + b"</row>"
    line = b'<row><c t="str"><v>a</v></c><c t="s"><v>3</v></c><c t="s"><f>B9</f><v>3</v></c></row>'
    head = HEAD[: HEAD.index(b"<row>")]
    content = workbook(
        sheet1=honest(head + row + line + TAIL), sharedStrings=honest(STRINGS + texts + sound + b"</sst>")
    )
    assert read(tmp_path, content) == [ArticleDraft(2, "a", "东京", "东京", (), "")]


def test_a_row_far_away_makes_none_before_it(tmp_path: Path) -> None:
    line = b'<row r="1048576"><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>'
    assert [draft.line for draft in read(tmp_path, rows(line, 1))] == [1_048_576]


def test_what_stands_beside_the_cells_is_not_kept(tmp_path: Path) -> None:
    merged = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/>'
    part = repeated(HEAD + merged, b'<mergeCell ref="A1:B2"/>' * 1000, 600, b"</mergeCells></worksheet>")
    assert in_little_memory(tmp_path, workbook(sheet1=part), "条目.xlsx") == "0\n"


def test_very_many_merged_cells_are_few_in_memory(tmp_path: Path) -> None:
    merged = "".join(f'<mergeCell ref="A{line}:A{line + 1}"/>' for line in range(1, 1_000_000, 2)).encode()
    part = honest(HEAD + b"</sheetData><mergeCells>" + merged + b"</mergeCells></worksheet>")
    assert in_little_memory(tmp_path, workbook(sheet1=part), "条目.xlsx") == "0\n"


def test_rows_of_which_every_cell_is_wrong_are_told_in_few_words(tmp_path: Path) -> None:
    (bad,) = read(tmp_path, rows(b"<row>" + b"<c><f>1</f></c>" * 256 + b"</row>", 1))
    assert "单元格 A2 的公式" in str(bad)
    assert len(str(bad)) < 300


def test_a_number_s_format_that_goes_on_and_on_is_refused_before_anybody_looks_for_dates_in_it(tmp_path: Path) -> None:
    def styled(code: str) -> bytes:
        return workbook(
            styles=honest(
                '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                f'<numFmts><numFmt numFmtId="200" formatCode="{code}"/></numFmts>'
                '<cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'.encode()
            )
        )

    for code in ("[h" * 500_000, "[" * 1_000_000, "&quot;" * 256, "0" * 256):
        with pytest.raises(InvalidInput, match="255 个字符"):
            read(tmp_path, styled(code))
    assert len(read(tmp_path, styled("0" * 255))) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("键.jsonl", '{"' + "k" * 900_000 + '": 1}'),
        ("键.jsonl", '{"\\u001b[2J\\u202e": 1}'),
        ("列.csv", "id,question,answer," + "k" * 900_000),
        ("列.csv", "id,question,answer,\x1b[2J\u202e"),
        ("列.csv", "id,question,answer," + ",".join(f"column {number}" for number in range(100_000))),
        ("列.csv", "id,question,answer," + ",".join("k" * 900 for _ in range(250))),
    ],
)
def test_what_a_file_calls_its_fields_is_not_told_at_length_nor_to_the_terminal(
    tmp_path: Path, name: str, text: str
) -> None:
    try:
        (said,) = map(str, read(tmp_path, text.encode(), name))
    except InvalidInput as e:
        said = str(e)
    assert len(said) < 1000
    assert said.isprintable()


def test_empty_columns_beyond_those_of_a_sheet_are_left_out(tmp_path: Path) -> None:
    (draft,) = read(tmp_path, ("id,question,answer" + "," * 400 + "\n1,问,答" + "," * 400).encode(), "列.csv")
    assert isinstance(draft, ArticleDraft)


def test_a_zip_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    parts = {f"{number}": Part(b"", 0) for number in range(limits.MOST_PARTS + 1)}
    with pytest.raises(InvalidInput, match=r"超过 10,000 个部件"):
        read(tmp_path, zipped(parts))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_pack_have_no_bound_and_are_refused(tmp_path: Path, method: int) -> None:
    good, packed = workbook(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as before, zipfile.ZipFile(packed, "w", method) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    with pytest.raises(InvalidInput, match=r"已损坏，请用 Excel 打开后另存为"):
        read(tmp_path, packed.getvalue())


def test_a_sheet_with_a_false_checksum_is_broken(tmp_path: Path) -> None:
    content = workbook(sheet1=replace(honest(HEAD + TAIL), crc=1))
    with pytest.raises(InvalidInput, match="已损坏"):
        read(tmp_path, content)


LONG = "长" * (limits.MOST_LINE // 2)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.csv", "id,question,answer\n1,问,答\n2,问," + LONG * 3, "文件第 3 行：超过 1,000,000 个字符"),
        ("a.jsonl", '{"id": "' + LONG * 3, "文件第 1 行：超过 1,000,000 个字符"),
        ("a.csv", 'id,question,answer\n1,问,答\n2,问,"' + '\n","' * 400_000, "文件第 3 行：超过 1,000,000 个字符"),
        ("a.csv", "id,question,answer\n" + "\n" * 500_000, "文件第 500001 行：超过 500,000 行"),
        ("a.jsonl", "\n" * 500_001, "文件第 500001 行：超过 500,000 行"),
    ],
    ids=["csv-line", "jsonl-line", "csv-quotes", "csv-lines", "jsonl-lines"],
)
def test_text_that_does_not_end_is_refused_in_little_memory(tmp_path: Path, name: str, text: str, what: str) -> None:
    said = in_little_memory(tmp_path, text.encode(), name)
    assert what in said
    assert "请" in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "id,question,answer\n1,问," + "长" * 131_073 + "\n2,问,答"),
        (
            "a.jsonl",
            '{"id": "1", "question": "问", "answer": "'
            + "长" * 131_073
            + '"}\n{"id":"2","question":"问","answer":"答"}',
        ),
    ],
    ids=["csv", "jsonl"],
)
def test_a_cell_that_is_too_long_is_a_bad_line_and_the_others_are_read(tmp_path: Path, name: str, text: str) -> None:
    bad, good = read(tmp_path, text.encode(), name)
    assert isinstance(bad, BadLine)
    assert "131,072 个字符" in bad.problem
    assert isinstance(good, ArticleDraft)


def test_a_text_file_beyond_all_measure_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    with path.open("wb") as file:
        file.truncate(limits.MOST_BYTES + 1)  # of holes: nothing is written
    with pytest.raises(InvalidInput, match=r"orders\.csv 超过 256 MB；请把文件分成几份"):
        next(iter(read_orders(path, lambda _: None)))


@pytest.mark.parametrize("name", ["endless.csv", "endless.jsonl", "endless.xlsx"])
def test_what_is_no_file_has_no_end_and_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(InvalidInput, match="不是普通文件"):
        list(read_orders(tmp_path / name, lambda _: None))


def test_two_hundred_thousand_orders_pass(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    line = "2025{:012},wm{:020},已发货,SF{:012} 已到达杭州转运中心,2025-12-25T10:00:00+08:00\n"
    head = "订单号,客户,状态,物流,更新时间\n"
    path.write_text(head + "".join(line.format(n, n, n) for n in range(200_000)), encoding="utf-8")
    assert sum(not isinstance(order, BadLine) for order in read_orders(path, lambda _: None)) == 200_000


def test_twenty_thousand_long_articles_of_a_sheet_pass(tmp_path: Path) -> None:
    text = '<c t="inlineStr"><is><t>{}</t></is></c>'
    line = f"<row><c><v>{{}}</v></c>{text}{text}</row>"
    chance = Random(1)  # noqa: S311 - of words
    said = ["".join(chr(chance.randrange(0x4E00, 0x6000)) for _ in range(100)) for _ in range(1000)]
    answers = ("".join(chance.choices(said, k=5)) for _ in range(20_000))
    content = HEAD + "".join(line.format(n, n, answer) for n, answer in enumerate(answers)).encode() + TAIL
    assert len(read(tmp_path, workbook(sheet1=honest(content)))) == 20_000
