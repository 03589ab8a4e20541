"""Excel sheets: the first one of the file."""

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BufferedReader
from pathlib import Path
from typing import IO, Any
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.exceptions import CellCoordinatesException, InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

from wecom_bot.adapters.files import strings
from wecom_bot.adapters.files.columns import Columns
from wecom_bot.adapters.files.form import Draft_co, Form
from wecom_bot.adapters.files.parts import Parts
from wecom_bot.adapters.files.sheet import Formats, Row, rows
from wecom_bot.adapters.files.text import Counted, Progress
from wecom_bot.domain.draft import BadLine
from wecom_bot.errors import InvalidInput

_ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")
# What openpyxl lets through of a file that is no workbook, or part of one: it checks next to nothing by itself
_BROKEN = (
    InvalidFileException,
    CellCoordinatesException,
    BadZipFile,
    zlib.error,
    ExpatError,
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
        for line, row in _rows(file, path.name):
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


def _rows(file: IO[bytes], name: str) -> Iterator[Row]:
    """The rows of the first sheet. Raises InvalidInput."""
    try:
        with Parts(file) as parts:
            yield from _Book(file, parts).rows(name)
    except InvalidInput as e:
        raise e if str(e).startswith(name) else InvalidInput(f"{name} {e}") from e
    except (OSError, *_BROKEN) as e:
        if isinstance(e, OSError) and e.errno:  # the disk's; openpyxl's own have no number
            raise
        raise InvalidInput(
            f"{name} 不是可读的 .xlsx 文件或已损坏，请用 Excel 打开后另存为 .xlsx 或 .csv"
            " / is not an .xlsx file or is broken: open it in Excel and save it as .xlsx or .csv"
        ) from e


class _Book(ExcelReader):
    """What openpyxl knows of a workbook without its cells: it keeps every element of XML, and we none."""

    def __init__(self, file: IO[bytes], parts: Parts) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive.close()
        self.archive, self._parts = parts, parts
        self.read_manifest()
        self.read_workbook()
        apply_stylesheet(parts, self.wb)

    def rows(self, name: str) -> Iterator[Row]:
        """Of the first sheet. Raises InvalidInput."""
        targets = (relation.target for _, relation in self.parser.find_sheets() if "chartsheet" not in relation.Type)
        sheet = next((target for target in targets if target in self.valid_files), None)
        if sheet is None:
            raise InvalidInput(
                f"{name} 里没有工作表；请把数据放进工作表（不是图表），另存为 .xlsx"
                " / has no sheet with cells: put the rows into one, which is no chart"
            )
        texts = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        found = strings.read(self._parts, texts.PartName[1:]) if texts is not None else ()
        book: Any = self.wb  # its stubs leave out what openpyxl's own readers ask of it
        dates, durations = book._date_formats, book._timedelta_formats  # noqa: SLF001 - as they do
        return rows(self._parts, sheet, Formats(found, self.wb.epoch, dates, durations))


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
