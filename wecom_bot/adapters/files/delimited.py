"""CSV, as Excel and others write it: commas, semicolons or tabs, and perhaps a first line `sep=;`."""

import csv
from collections.abc import Iterable, Iterator

from wecom_bot.adapters.files.columns import Columns
from wecom_bot.adapters.files.form import Draft_co, Form
from wecom_bot.adapters.files.limits import MOST_CELL, MOST_LINE
from wecom_bot.adapters.files.text import line_too_long
from wecom_bot.domain.draft import BadLine, Tally
from wecom_bot.errors import InvalidInput

_ESCAPED = "_x000D_"  # the end of a line in an XLSX, which programs take over as it is written there
_DELIMITERS = (",", ";", "\t", "，")


def read(lines: Iterable[str], form: Form[Draft_co], tally: Tally | None = None) -> Iterator[Draft_co | BadLine]:
    """What each row says; a row that spans lines is known by its first. Raises InvalidInput for the header."""
    source = iter(lines)
    header, skipped = next(source, ""), 0
    delimiter: str | None = None
    if header.casefold().startswith("sep="):
        delimiter, header, skipped = header[4:5].strip("\r\n") or None, next(source, ""), 1
    if not header.strip():
        raise InvalidInput(f"文件第 1 行应是列名 {form.english} / line 1 should name the columns")
    delimiter = delimiter or max(_DELIMITERS, key=lambda each: form.recognized(_cells(header, each)))
    columns = Columns.of(form, _cells(header, delimiter), skipped + 1, tally=tally)
    # strict: without it a quote that is never closed swallows the rest of the file in silence
    within = _Row(source)
    rows = csv.reader(within, delimiter=delimiter, strict=True)
    csv.field_size_limit(MOST_CELL)
    while True:
        first = rows.line_num + skipped + 2
        within.begin(first)
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as e:
            yield BadLine(
                first,
                f"引号不成对，或单元格超过 {MOST_CELL:,} 个字符"
                f" / quotes do not match, or a cell has more than {MOST_CELL:,} characters: {e}",
            )
            continue
        if draft := columns.draft(first, [cell.replace(_ESCAPED, "\r") for cell in cells]):
            yield draft


class _Row:
    """The lines of a file, no more of them for one row than a row may have: a quote that opens may never close."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._first = self._taken = 0

    def begin(self, line: int) -> None:
        """What is taken from here on belongs to the row that begins in this line."""
        self._first, self._taken = line, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken += len(line)
        if self._taken > MOST_LINE:
            raise line_too_long(self._first)
        return line


def _cells(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return header.split(delimiter)
