"""Excel sheets: the first one of the file."""

from collections.abc import Iterator
from datetime import date, datetime, time
from io import BufferedReader
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from wecom_bot.adapters.files.columns import Columns
from wecom_bot.adapters.files.form import Draft_co, Form
from wecom_bot.adapters.files.text import Counted, Progress
from wecom_bot.domain.draft import BadLine
from wecom_bot.errors import InvalidInput

_ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")
_EXACT = 10**15  # Excel keeps 15 digits of a number, and an order's number may have more


def read(path: Path, form: Form[Draft_co], progress: Progress) -> Iterator[Draft_co | BadLine]:
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
                columns = Columns.of(form, cells, line) if any(cells) else None
            elif any(isinstance(value, int | float) and abs(value) >= _EXACT for value in row):
                yield BadLine(
                    line,
                    "有超过 15 位的数字，Excel 已改掉它的末几位；请把该列设为文本后重新填写"
                    " / Excel does not keep numbers of more than 15 digits: make the column text and enter it again",
                )
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
