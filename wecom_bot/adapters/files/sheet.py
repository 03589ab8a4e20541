"""The rows of a sheet, one after the other as they are unpacked: nothing of a row is kept when the next is read."""

import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601

from wecom_bot.adapters.files import limits
from wecom_bot.adapters.files.parts import Attributes, Parts, new_parser

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of a sheet
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")

Row = tuple[int, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Formats:
    """What a cell's value may mean: the texts it names, and the styles of dates."""

    strings: Sequence[str]
    epoch: datetime
    dates: Collection[int]
    durations: Collection[int]


def rows(parts: Parts, name: str, formats: Formats) -> Iterator[Row]:
    """The rows that are there, each with its number and its cells up to the last one with a value.

    Raises InvalidInput for what is too large, and ValueError, LookupError or the like for what is broken.
    """
    reader = _Reader(formats)
    begins = {
        "row": reader.begin_row,
        "c": reader.begin_cell,
        "v": reader.begin_value,
        "t": reader.begin_text,
        "rPh": reader.begin_sound,
    }
    ends = {
        "row": reader.end_row,
        "c": reader.end_cell,
        "v": reader.end_text,
        "t": reader.end_text,
        "rPh": reader.end_sound,
    }
    for _ in parts.parse(name, new_parser(begins, ends, reader.text)):
        while reader.ready:
            yield reader.ready.popleft()


class _Reader:
    def __init__(self, formats: Formats) -> None:
        self.ready: deque[Row] = deque()
        self._formats = formats
        self._line = self._rows = self._cells = 0
        self._values: list[object] = []
        self._cell: tuple[int, str, int] | None = None  # column, type, style
        self._column = 0
        self._value: list[str] = []
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
                f"文件第 {self._line} 行：有单元格超过 {limits.MOST_CELL:,} 个字符",
                f"a cell in line {self._line} has more than {limits.MOST_CELL:,} characters",
            )

    def begin_value(self, _attributes: Attributes) -> None:
        self._into = self._value if self._cell else None

    def begin_text(self, _attributes: Attributes) -> None:
        self._into = self._said if self._cell and not self._aloud else None

    def end_text(self) -> None:
        self._into = None

    def begin_sound(self, _attributes: Attributes) -> None:
        """How the text is read aloud, as Japanese files say."""
        self._aloud = True

    def end_sound(self) -> None:
        self._aloud = False

    def begin_row(self, attributes: Attributes) -> None:
        said = attributes.get("r")
        self._line = self._line + 1 if said is None else _whole(said)
        self._rows += 1
        self._column, self._values = 0, []
        if not 0 < self._line <= _LAST_ROW:
            raise ValueError("beyond the end of a sheet")
        if self._rows > limits.MOST_ROWS:
            raise limits.too_many_rows(self._line)

    def begin_cell(self, attributes: Attributes) -> None:
        self._cells += 1
        if self._cells > limits.MOST_CELLS:
            raise limits.too_large(
                f"文件第 {self._line} 行：超过 {limits.MOST_CELLS:,} 个单元格（空的也算）",
                f"more than {limits.MOST_CELLS:,} cells, empty ones too, by line {self._line}",
            )
        place = attributes.get("r")
        self._column = _column(place) if place else self._column + 1
        if self._column > _LAST_COLUMN:
            raise ValueError("beyond the end of a sheet")
        self._cell = self._column, attributes.get("t", "n"), int(attributes.get("s") or 0)
        self._value, self._said, self._length = [], [], 0

    def end_row(self) -> None:
        self.ready.append((self._line, self._values))

    def end_cell(self) -> None:
        if self._cell is None:
            return
        column, kind, style = self._cell
        self._cell = self._into = None
        raw = "".join(self._said if kind == "inlineStr" else self._value)
        if not raw:
            return
        if column > limits.MOST_COLUMNS:
            raise limits.too_large(
                f"文件第 {self._line} 行：第 {column} 列有内容，最多 {limits.MOST_COLUMNS} 列",
                f"line {self._line} has something in column {column}, beyond {limits.MOST_COLUMNS}",
            )
        self._values += [None] * (column - len(self._values))
        self._values[column - 1] = self._meant(raw, kind, style)

    def _meant(self, raw: str, kind: str, style: int) -> object:
        match kind:
            case "n":
                number = float(raw) if set(".eE") & set(raw) else int(raw)
                return self._date(number, style) if style in self._formats.dates else number
            case "s":
                return self._formats.strings[_whole(raw)]
            case "b":
                return bool(int(raw))
            case "d":
                return from_ISO8601(raw)  # type: ignore[no-untyped-call]
            case _:
                return raw

    def _date(self, number: float, style: int) -> object:
        try:
            return from_excel(number, self._formats.epoch, timedelta=style in self._formats.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"  # what Excel shows for it


def _whole(said: str) -> int:
    number = float(said)
    if not number.is_integer() or number < 0:
        raise ValueError("no number of a row or a text")
    return int(number)


def _column(place: str) -> int:
    found = _PLACE.fullmatch(place)
    if not found:
        raise ValueError("no place of a cell")
    return column_index_from_string(found[1].upper())
