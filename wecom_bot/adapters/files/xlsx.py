"""Articles as an Excel sheet: the first one of the file."""

from collections.abc import Iterator
from datetime import date, datetime, time
from io import BufferedReader
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from wecom_bot.adapters.files.columns import Columns
from wecom_bot.adapters.files.text import Counted, Progress
from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.errors import InvalidInput

_ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")


def read(path: Path, progress: Progress) -> Iterator[ArticleDraft | BadLine]:
    """What each row says. Raises InvalidInput."""
    with BufferedReader(Counted(path, progress)) as file:
        try:
            workbook = load_workbook(file, read_only=True, data_only=True)
        except (InvalidFileException, BadZipFile, KeyError, ValueError) as e:
            raise InvalidInput(f"{path.name} 不是可读的 .xlsx 文件 / is not an .xlsx file that we can read") from e
        sheet = workbook.worksheets[0]
        if isinstance(sheet, ReadOnlyWorksheet):
            sheet.reset_dimensions()  # what other programs write there is not always true, and cuts rows off
        columns = None
        for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_text(value) for value in row]
            if columns is None:
                columns = Columns.of(cells, line) if any(cells) else None
            elif broken := next((cell for cell in cells if cell in _ERRORS), None):
                yield BadLine(line, f"公式出错 {broken} / a formula failed")
            elif draft := columns.draft(line, cells):
                yield draft
        if columns is None:
            raise InvalidInput("表格是空的，第一行应是列名 / the sheet is empty: its first row should name the columns")


def _text(value: object) -> str:
    """What the cell shows, as far as Excel's formats allow to say."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        case _:
            return str(value)
