"""The rows of a sheet, one after the other as they are unpacked: nothing of a row is kept when the next is read."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from wecom_bot.adapters.files import limits, places
from wecom_bot.adapters.files.cell import Book, Raw, whole
from wecom_bot.adapters.files.parts import Attributes, Parts, new_parser

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of a sheet
_YES = ("1", "true")


@dataclass(slots=True)
class SheetRow:
    """What the cells of a row show, up to the last one with something in it; by their indices, the moments of dates."""

    line: int
    hidden: bool
    texts: list[str] = field(default_factory=list)
    moments: dict[int, str] = field(default_factory=dict)
    flaw: str = ""  # of the first cell that has one, for people
    flawed: list[str] = field(default_factory=list)  # the names of all that have


@dataclass(slots=True)
class Spent:
    """How many rows and cells of a file were read, in all its sheets."""

    rows: int = 0
    cells: int = 0


def rows(parts: Parts, name: str, book: Book, spent: Spent) -> Iterator[SheetRow]:
    """The rows that are there. Raises InvalidInput for what is too large, ValueError or the like for what is broken."""
    reader = _SheetReader(book, spent)
    begins = {
        "row": reader.begin_row,
        "c": reader.begin_cell,
        "f": reader.begin_formula,
        "v": reader.begin_value,
        "t": reader.begin_text,
        "rPh": reader.begin_sound,
    }
    ends = {
        "row": reader.end_row,
        "c": reader.end_cell,
        "f": reader.end_text,
        "v": reader.end_text,
        "t": reader.end_text,
        "rPh": reader.end_sound,
    }
    for _ in parts.parse(name, new_parser(begins, ends, reader.text)):
        while reader.ready:
            yield reader.ready.popleft()


class _SheetReader:
    def __init__(self, book: Book, spent: Spent) -> None:
        self.ready: deque[SheetRow] = deque()
        self._book, self._spent = book, spent
        self._row = SheetRow(0, hidden=False)
        self._column = 0
        self._cell: Attributes | None = None
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._said: list[str] = []
        self._into: list[str] | None = None
        self._length = 0
        self._aloud = False

    def text(self, data: str) -> None:
        if self._into is None:
            return
        self._into.append(data)
        self._length += len(data)
        if self._length > limits.MOST_CELL:
            raise limits.too_large(
                f"文件第 {self._row.line} 行：有单元格超过 {limits.MOST_CELL:,} 个字符",
                f"a cell in line {self._row.line} has more than {limits.MOST_CELL:,} characters",
            )

    def begin_formula(self, _attributes: Attributes) -> None:
        if self._cell is not None:
            self._into = self._formula = []

    def begin_value(self, _attributes: Attributes) -> None:
        if self._cell is not None:
            self._into = self._value = []

    def begin_text(self, _attributes: Attributes) -> None:
        self._into = self._said if self._cell is not None and not self._aloud else None

    def end_text(self) -> None:
        self._into = None

    def begin_sound(self, _attributes: Attributes) -> None:
        """How the text is read aloud, as Japanese files say."""
        self._aloud = True

    def end_sound(self) -> None:
        self._aloud = False

    def begin_row(self, attributes: Attributes) -> None:
        said = attributes.get("r")
        line = self._row.line + 1 if said is None else whole(said)
        self._row = SheetRow(line, hidden=attributes.get("hidden") in _YES)
        self._spent.rows += 1
        self._column = 0
        if not 0 < line <= _LAST_ROW:
            raise ValueError("beyond the end of a sheet")
        if self._spent.rows > limits.MOST_ROWS:
            raise limits.too_many_rows(line)

    def begin_cell(self, attributes: Attributes) -> None:
        self._spent.cells += 1
        if self._spent.cells > limits.MOST_CELLS:
            raise limits.too_large(
                f"文件第 {self._row.line} 行：超过 {limits.MOST_CELLS:,} 个单元格（空的也算）",
                f"more than {limits.MOST_CELLS:,} cells, empty ones too, by line {self._row.line}",
            )
        place = attributes.get("r")
        self._column = places.column(place) if place else self._column + 1
        if self._column > _LAST_COLUMN:
            raise ValueError("beyond the end of a sheet")
        self._cell = attributes
        self._value, self._formula, self._said, self._length = None, None, [], 0

    def end_row(self) -> None:
        self.ready.append(self._row)

    def end_cell(self) -> None:
        attributes, line = self._cell, self._row.line
        self._cell = self._into = None
        if attributes is None:
            return
        said = self._said if attributes.get("t") == "inlineStr" else self._value
        raw = Raw(
            self._column,
            line,
            attributes.get("t", "n"),
            int(attributes.get("s") or 0),
            None if said is None else "".join(said),
            None if self._formula is None else "".join(self._formula),
            linked=attributes.get("vm", "0") != "0",
        )
        if not raw.value and raw.formula is None and not raw.linked:
            return
        if self._column > limits.MOST_COLUMNS:
            raise limits.too_large(
                f"文件第 {line} 行：第 {self._column} 列有内容，最多 {limits.MOST_COLUMNS} 列",
                f"line {line} has something in column {self._column}, beyond {limits.MOST_COLUMNS}",
            )
        self._keep(self._column - 1, raw)

    def _keep(self, index: int, raw: Raw) -> None:
        row, cell = self._row, self._book.cell(raw)
        row.texts += [""] * (index + 1 - len(row.texts))
        row.texts[index] = cell.text
        if cell.moment:
            row.moments[index] = cell.moment
        if cell.flaw:
            row.flaw = row.flaw or cell.flaw
            row.flawed.append(raw.place)
