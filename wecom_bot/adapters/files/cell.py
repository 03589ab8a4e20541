"""What a cell of a sheet says: what it shows, or why nobody can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel, from_ISO8601, to_excel

from wecom_bot.adapters.files import places
from wecom_bot.adapters.files.columns import picture
from wecom_bot.adapters.files.number_format.errors import NotShown
from wecom_bot.adapters.files.strings import unescaped
from wecom_bot.adapters.files.styles import Styles

_EXACT = 10**15  # Excel keeps 15 digits of a number, and an order's number may have more
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_PICTURE = re.compile(r"=?(?:_xl\w{2}\.)*(?:DISPIMG|IMAGE)\(", re.IGNORECASE)
_TRUTHS = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}


@dataclass(slots=True)  # not frozen, which takes its time: one is made of each cell
class Raw:
    """A cell as the file has it. `value` is None where there is none; `linked` to something that is no text."""

    column: int
    line: int
    kind: str
    style: int
    value: str | None
    formula: str | None
    linked: bool

    @property
    def place(self) -> str:
        """What it is called: D2."""
        return places.named(self.column, self.line)


@dataclass(slots=True)
class Cell:
    """What it shows, the moment that it means if that is a date, and why it cannot be read, for people."""

    text: str = ""
    moment: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """What is said for all cells: the texts that they name, the formats, and whence days are counted.

    `computes`: whoever opens it first is to compute its formulas, because who wrote it did not.
    """

    strings: Sequence[str]
    styles: Styles
    epoch: datetime
    computes: bool

    def cell(self, raw: Raw) -> Cell:
        """Raises ValueError, LookupError or the like for what is broken."""
        if raw.linked or (raw.formula is not None and _PICTURE.match(raw.formula)):
            return Cell(flaw=picture(raw.place))
        if raw.formula is not None and self._is_uncomputed(raw):
            return Cell(flaw=_uncomputed(raw.place))
        if not raw.value:
            return Cell()
        try:
            return self._said(raw, raw.value)
        except NotShown as e:
            return Cell(flaw=_not_shown(raw.place, str(e)))

    def _said(self, raw: Raw, value: str) -> Cell:
        match raw.kind:
            case "n":
                return self._number(raw, float(value) if set(".eE") & set(value) else int(value))
            case "b":
                return Cell(_TRUTHS[value])
            case "d":
                return self._date(raw, value)
        text = self.strings[whole(value)] if raw.kind == "s" else unescaped(value)
        if raw.kind == "e" or text in _ERRORS:
            return Cell(flaw=_failed(raw.place, text))
        return Cell(self.styles.format(raw.style).show_text(text))

    def _number(self, raw: Raw, number: float) -> Cell:
        if abs(number) >= _EXACT:
            return Cell(flaw=_rounded(raw.place))
        part = self.styles.format(raw.style).part(number)
        text = part.show(number, since_1904=self.epoch != WINDOWS_EPOCH)
        return Cell(text, _iso(from_excel(number, self.epoch)) if part.is_moment else "")

    def _date(self, raw: Raw, value: str) -> Cell:
        """A date in words, as few programs write it."""
        said = from_ISO8601(value)  # type: ignore[no-untyped-call]
        number = to_excel(said, self.epoch)  # type: ignore[no-untyped-call]
        is_shown = self.styles.format(raw.style).part(number).is_moment
        return self._number(raw, number) if is_shown else Cell(_iso(said), _iso(said))

    def _is_uncomputed(self, raw: Raw) -> bool:
        """An empty text is what some formulas are meant to give; a zero is what programs write that compute nothing."""
        if raw.kind == "str":
            return raw.value is None
        return not raw.value or (self.computes and raw.kind == "n" and raw.value == "0")


def whole(said: str) -> int:
    """The number of a row or a text. Raises ValueError."""
    number = float(said)
    if not number.is_integer() or number < 0:
        raise ValueError("no number of a row or a text")
    return int(number)


def _iso(moment: object) -> str:
    """A date with its time, if it has one; nothing for what is no date."""
    if isinstance(moment, datetime) and moment.time() == datetime.min.time():
        return moment.date().isoformat()
    return "" if isinstance(moment, timedelta) else str(moment)


def _uncomputed(place: str) -> str:
    return (
        f"单元格 {place} 的公式还没有算出结果；请用 Excel 或 WPS 打开文件、保存后再导入，或直接写上结果"
        f" / nobody computed the formula in cell {place}: open the file in Excel and save it"
    )


def _not_shown(place: str, code: str) -> str:
    if code == "####":
        return (
            f"单元格 {place} 显示不出来（####）：日期是负的或太大；请改正，或改成文本"
            f" / cell {place} shows nothing but ####: correct its date"
        )
    return (
        f"单元格 {place} 的数字格式 {code} 读不懂；请换成常用的格式，或把这一格设为文本后重新填写"
        f" / the number format of cell {place} is not known: use a common one, or make the cell text"
    )


def _failed(place: str, error: str) -> str:
    return f"公式出错 {error}（单元格 {place}）/ the formula in cell {place} failed"


def _rounded(place: str) -> str:
    return (
        f"有超过 15 位的数字（单元格 {place}），Excel 已改掉它的末几位；请把该列设为文本后重新填写"
        f" / Excel does not keep numbers of more than 15 digits (cell {place}): make the column text and enter it again"
    )
