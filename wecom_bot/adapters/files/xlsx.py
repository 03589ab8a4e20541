"""Excel sheets: the first one of the file."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BufferedReader
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import CellCoordinatesException, InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from wecom_bot.adapters.files.columns import Columns
from wecom_bot.adapters.files.form import Draft_co, Form
from wecom_bot.adapters.files.text import Counted, Progress
from wecom_bot.domain.draft import BadLine
from wecom_bot.errors import InvalidInput

_ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of a sheet; a cell said to stand beyond would cost hours of empty ones
# What openpyxl lets through of a file that is no workbook, or part of one: it checks next to nothing by itself
_BROKEN = (
    InvalidFileException,
    CellCoordinatesException,
    BadZipFile,
    zlib.error,
    SyntaxError,  # of XML
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,  # a file with a password, a way to compress that nobody has
)
_EXACT = 10**15  # Excel keeps 15 digits of a number, and an order's number may have more


def read(path: Path, form: Form[Draft_co], progress: Progress) -> Iterator[Draft_co | BadLine]:
    """What each row says. Raises InvalidInput."""
    columns = None
    with BufferedReader(Counted(path, progress)) as file:
        for line, row in enumerate(_rows(file, path.name), start=1):
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


def _rows(file: IO[bytes], name: str) -> Iterator[Sequence[object]]:
    """The rows of the first sheet. Raises InvalidInput."""
    try:
        sheets = load_workbook(file, read_only=True, data_only=True).worksheets
        if not sheets:
            raise InvalidInput(
                f"{name} 里没有工作表；请把数据放进工作表（不是图表），另存为 .xlsx"
                " / has no sheet with cells: put the rows into one, which is no chart"
            )
        sheet = sheets[0]
        if isinstance(sheet, ReadOnlyWorksheet):
            sheet.reset_dimensions()  # what other programs write there is not always true, and cuts rows off
        for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if line > _LAST_ROW or len(row) > _LAST_COLUMN:
                raise ValueError("beyond the end of a sheet")
            yield row
    except (OSError, *_BROKEN) as e:
        if isinstance(e, OSError) and e.errno:  # the disk's; openpyxl's own have no number
            raise
        raise InvalidInput(
            f"{name} 不是可读的 .xlsx 文件或已损坏，请用 Excel 打开后另存为 .xlsx 或 .csv"
            " / is not an .xlsx file or is broken: open it in Excel and save it as .xlsx or .csv"
        ) from e


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
