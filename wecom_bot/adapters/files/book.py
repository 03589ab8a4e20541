"""A workbook: its sheets, and what is said once for all of their cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS

from wecom_bot.adapters.files import strings, styles
from wecom_bot.adapters.files.cell import Book
from wecom_bot.adapters.files.parts import Parts


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with cells: its name, and the part that has its rows."""

    name: str
    part: str
    hidden: bool


class Workbook(ExcelReader):
    """What openpyxl knows of a workbook without its cells: it keeps every element of XML, and we none."""

    def __init__(self, file: IO[bytes], parts: Parts) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive.close()
        self.archive, self._parts = parts, parts
        self.read_manifest()
        self.read_workbook()

    def sheets(self) -> Iterator[Sheet]:
        """In the workbook's order; those with a chart instead of cells are none."""
        for sheet, relation in self.parser.find_sheets():
            if "chartsheet" not in relation.Type and relation.target in self.valid_files:
                yield Sheet(sheet.name, relation.target, sheet.state != "visible")

    def book(self) -> Book:
        """Raises InvalidInput for what is too large."""
        texts = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        formats = styles.read(self._parts, ARC_STYLE) if ARC_STYLE in self.valid_files else styles.Styles()
        found = strings.read(self._parts, texts.PartName[1:]) if texts is not None else ()
        calculation = self.wb.calculation  # which some programs leave out
        return Book(found, formats, self.wb.epoch, bool(calculation and calculation.fullCalcOnLoad))
