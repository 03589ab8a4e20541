"""Excel sheets: every one that is seen and whose first row names our columns."""

import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Generic
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from openpyxl.utils.exceptions import CellCoordinatesException, InvalidFileException

from wecom_bot.adapters.files.book import Sheet, Workbook
from wecom_bot.adapters.files.cell import Book
from wecom_bot.adapters.files.columns import Columns, misfit
from wecom_bot.adapters.files.form import Draft_co, Form, shown
from wecom_bot.adapters.files.merged import Merged
from wecom_bot.adapters.files.parts import Parts
from wecom_bot.adapters.files.sheet import SheetRow, Spent, rows
from wecom_bot.adapters.files.text import CountedFile, Progress
from wecom_bot.domain.draft import BadLine, Tally
from wecom_bot.errors import InvalidInput

_MOST_NAMED = 10  # sheets, or cells of a row
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


def read(path: Path, form: Form[Draft_co], progress: Progress, tally: Tally) -> Iterator[Draft_co | BadLine]:
    """What each row says, sheet by sheet. Raises InvalidInput."""
    with ExitStack() as opened:
        file = opened.enter_context(BufferedReader(CountedFile(path, progress)))
        with _told(path.name):
            parts = opened.enter_context(Parts(file))
            workbook = Workbook(file, parts)
            sheets, book = list(workbook.sheets()), workbook.book()
        if not sheets:
            raise InvalidInput(
                f"{path.name} 里没有工作表；请把数据放进工作表（不是图表），另存为 .xlsx"
                " / has no sheet with cells: put the rows into one, which is no chart"
            )
        yield from _Reading(path.name, parts, book, form, tally, several=len(sheets) > 1).drafts(sheets)


@dataclass(frozen=True, slots=True)
class _Reading(Generic[Draft_co]):
    """The reading of one file."""

    file: str
    parts: Parts
    book: Book
    form: Form[Draft_co]
    tally: Tally
    several: bool
    spent: Spent = field(default_factory=Spent)

    def drafts(self, sheets: list[Sheet]) -> Iterator[Draft_co | BadLine]:
        for sheet in sheets:
            name = shown(sheet.name)
            if sheet.hidden:
                self.tally.hidden_sheets.append(name)
                continue
            lines = self._rows(sheet)
            header = next((row for row in lines if any(row.texts)), None)
            if header is None or (wrong := self._wrong(header)):
                self.tally.other_sheets.append(f"{name}（{wrong if header else '空的 / empty'}）")
                continue
            self.tally.sheets.append(name)
            columns = Columns.of(self.form, header.texts, header.line, name if self.several else "", self.tally)
            with _told(self.file):
                merged = Merged(self.parts, sheet.part, self.tally)
            yield from self._of_sheet(columns, merged.fill(lines))
        if not self.tally.sheets:
            raise self._nothing()

    def _rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        where = f"{self.file} 工作表“{shown(sheet.name)}”" if self.several else self.file
        with _told(where):
            yield from rows(self.parts, sheet.part, self.book, self.spent)

    def _wrong(self, header: SheetRow) -> str | None:
        """Why a sheet is not read; of the only one whatever is wrong is said to the end."""
        return misfit(self.form, header.texts) if self.several else None

    def _of_sheet(self, columns: Columns[Draft_co], lines: Iterator[SheetRow]) -> Iterator[Draft_co | BadLine]:
        for row in lines:
            draft: Draft_co | BadLine | None
            if row.flaw:
                draft = BadLine(row.line, _flaws(row), columns.sheet)
            else:
                draft = columns.draft(row.line, row.texts, row.moments)
            if draft is not None:
                self.tally.hidden_rows += row.hidden
                yield draft

    def _nothing(self) -> InvalidInput:
        if not self.several:
            return InvalidInput(
                "表格是空的，第一行应是列名 / the sheet is empty: its first row should name the columns"
            )
        hidden = [f"{name}（隐藏的 / hidden）" for name in self.tally.hidden_sheets]
        seen = "、".join([*self.tally.other_sheets, *hidden][:_MOST_NAMED])
        return InvalidInput(
            f"{self.file} 里没有一个看得见的工作表第一行是列名 {self.form.names}：{seen}"
            f" / in no sheet that is seen does the first row name the columns {self.form.english}"
        )


def _flaws(row: SheetRow) -> str:
    more = "、".join(row.flawed[1:_MOST_NAMED])
    return f"{row.flaw}；这一行里还有 / and in the same row: {more}" if more else row.flaw


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Whatever is wrong with the file is said with its name."""
    try:
        yield
    except InvalidInput as e:
        raise e if str(e).startswith(name) else InvalidInput(f"{name} {e}") from e
    except (OSError, *_BROKEN) as e:
        if isinstance(e, OSError) and e.errno:  # the disk's; openpyxl's own have no number
            raise
        raise InvalidInput(
            f"{name} 不是可读的 .xlsx 文件或已损坏，请用 Excel 打开后另存为 .xlsx 或 .csv"
            " / is not an .xlsx file or is broken: open it in Excel and save it as .xlsx or .csv"
        ) from e
