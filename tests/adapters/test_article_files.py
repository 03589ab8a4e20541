"""Files of articles: whatever was written is what is read."""

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from wecom_bot.adapters.files.articles import read_articles, write_article
from wecom_bot.domain.attachments import proved
from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import Attachment
from wecom_bot.text.ids import bare

# what people write: no control characters but line feeds, and no halves of characters
text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")))
words = text.map(str.strip).filter(bool)
lines = st.lists(words, min_size=1, max_size=3).map("\n".join)
drafts = st.lists(
    st.builds(ArticleDraft, st.just(0), words, words, lines, st.lists(words, max_size=3).map(tuple)), max_size=5
)
# in a table some characters mean more than themselves: what they mean has tests of its own; and two XML has not
meaning = {"exclude_categories": ("Cc", "Cs", "Zl", "Zp"), "exclude_characters": "|｜;；\\='_\ufffe\uffff"}
cell = st.text(st.characters(codec="utf-8", **meaning)).map(str.strip).filter(bool)  # type: ignore[arg-type]
cell_lines = st.lists(cell, min_size=1, max_size=3).map("\n".join)
cell_ids = cell.map(bare).filter(bool)
table_drafts = st.lists(
    st.builds(ArticleDraft, st.just(0), cell_ids, cell, cell_lines, st.lists(cell, max_size=3).map(tuple)), max_size=5
)


def read(name: str, content: bytes) -> list[ArticleDraft]:
    """The articles of a file, without their line numbers."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        counts: list[int] = []
        found = list(read_articles(path, counts.append))
        assert sum(counts) >= len(content) or not content or name.endswith("xlsx")
    assert not [line for line in found if isinstance(line, BadLine)]
    return [ArticleDraft(0, *_fields(line)) for line in found if isinstance(line, ArticleDraft)]


def files_drafts(name: str, content: bytes) -> list[ArticleDraft]:
    """The articles of a file, whole."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return [line for line in read_articles(path, lambda _: None) if isinstance(line, ArticleDraft)]


def _fields(draft: ArticleDraft) -> tuple[str, str, str, tuple[str, ...]]:
    return draft.article_id, draft.question, draft.answer, draft.similar


def cells(draft: ArticleDraft) -> list[str]:
    return [draft.article_id, draft.question, "|".join(draft.similar), draft.answer]


@given(drafts)
def test_json_lines(written: list[ArticleDraft]) -> None:
    content = "".join(write_article(Article(d.article_id, d.question, d.answer, d.similar)) + "\n" for d in written)
    assert read("a.jsonl", content.encode()) == written


@given(table_drafts)
def test_csv(written: list[ArticleDraft]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["id", "question", "similar", "answer"], *map(cells, written)])
    assert read("a.csv", file.getvalue().encode("utf-8-sig")) == written


SHOWN = (Attachment("link", "地图", "一楼，左转", "https://a.cn/m?x=1"), Attachment("image", picture="map.png"))


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_what_an_article_shows_is_a_list_of_objects_or_a_cell_of_json(name: str) -> None:
    line = write_article(Article("a", "在哪", "这里", attachments=SHOWN))
    if name == "a.csv":
        file, cell = io.StringIO(newline=""), json.dumps(json.loads(line)["attachments"], ensure_ascii=False)
        csv.writer(file).writerows(
            [["编号", "问题", "答案", "附件"], ["a", "在哪", "这里", cell], ["b", "几点", "九点", ""]]
        )
        line = file.getvalue()
    first, *others = files_drafts(name, line.encode())
    assert proved(first.attachments) == SHOWN
    assert [proved(other.attachments) for other in others] == [()] * len(others)


def test_careful_is_written_and_read_as_json_or_words() -> None:
    line = write_article(Article("a", "改密码", "先验证", careful=True))
    assert json.loads(line)["careful"] is True
    assert [each.careful for each in files_drafts("a.jsonl", line.encode())] == ["True"]
    table = "编号,问题,答案,谨慎\na,改密码,先验证,是\nb,几点,九点,\n"
    assert [each.careful for each in files_drafts("a.csv", table.encode())] == ["是", ""]


def test_attachments_that_are_no_list_are_told_by_their_line() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text('{"id": "a", "question": "b", "answer": "c", "attachments": {"kind": "image"}}', "utf-8")
        (bad,) = read_articles(path, lambda _: None)
    assert "attachments 应是对象的列表" in str(bad)


@settings(max_examples=30)
@given(table_drafts)
def test_excel(written: list[ArticleDraft]) -> None:
    workbook, file = Workbook(), io.BytesIO()
    assert workbook.active is not None
    workbook.active.append(["编号", "问题", "相似问", "答案"])
    for draft in written:
        for column, value in enumerate(cells(draft), start=1):
            cell = workbook.active.cell(workbook.active.max_row + (column == 1), column)
            cell.value = value
            cell.data_type = "s"  # text, even where it begins with "="
    workbook.save(file)
    assert read("a.xlsx", file.getvalue()) == written


def test_a_broken_character_in_a_long_utf8_file_is_not_taken_for_gbk() -> None:
    content = b"id,question,answer\n" + "一,这是一个问题,这是答案\n".encode() * 5000
    assert len(read("a.csv", content)) == 5000


def test_the_first_line_of_an_article_that_spans_lines_is_told() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text('id,question,answer\na,一,"1\n2\n3"\nb,二,2\n', encoding="utf-8")
        assert [line.line for line in read_articles(path, lambda _: None)] == [2, 5]
