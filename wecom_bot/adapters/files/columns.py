"""Tables: which column is what, and a draft from a row of cells."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic

from wecom_bot.adapters.files import places, typed
from wecom_bot.adapters.files.form import Draft_co, Field, Form, Holds, shown
from wecom_bot.adapters.files.limits import MOST_COLUMNS, too_large
from wecom_bot.domain.draft import BadLine, Tally
from wecom_bot.errors import InvalidInput
from wecom_bot.text import ids

_MOST_SHOWN = 5  # unknown columns
_BETWEEN = re.compile(r"[|｜;；\n]+")
_PICTURE = re.compile(r"\s*=(?:_xl\w{2}\.)*(?:DISPIMG|IMAGE)\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns(Generic[Draft_co]):
    """What each column of a table holds; None for one without a name. `sheet`: the table's, if there are several."""

    form: Form[Draft_co]
    fields: tuple[Field | None, ...]
    sheet: str
    tally: Tally

    @classmethod
    def of(
        cls, form: Form[Draft_co], header: Sequence[str], line: int, sheet: str = "", tally: Tally | None = None
    ) -> "Columns[Draft_co]":
        """By the names in the first row, Chinese or English, in any order. Raises InvalidInput."""
        if len(header) > MOST_COLUMNS and any(name.strip() for name in header[MOST_COLUMNS:]):
            raise too_large(
                f"文件第 {line} 行：超过 {MOST_COLUMNS} 列", f"line {line} has more than {MOST_COLUMNS} columns"
            )
        if wrong := misfit(form, header):
            raise InvalidInput(
                f"文件第 {line} 行：{wrong}；第一行应是列名 {form.names}"
                f" / line {line} should name the columns {form.english}, each once, and no others"
            )
        return cls(form, tuple(form.field(name) for name in header[:MOST_COLUMNS]), sheet, tally or Tally())

    def draft(
        self, line: int, cells: Sequence[str], moments: Mapping[int, str] = MappingProxyType({})
    ) -> Draft_co | BadLine | None:
        """What comes of a row; None for an empty one. `moments`: what dates are in which cells, however they show."""
        if not any(map(str.strip, cells)):
            return None
        said: dict[str, str | Sequence[str]] = {}
        for index, cell in enumerate(cells):
            if _PICTURE.match(cell):
                return BadLine(line, picture(places.named(index + 1, line)), self.sheet)
            if index < len(self.fields) and (field := self.fields[index]):
                said[field.name] = self._read(field, cell, moments.get(index))
            elif cell.strip():
                return BadLine(
                    line,
                    f"第 {index + 1} 列没有列名却有内容；内容里有逗号时请用英文双引号括起来"
                    " / more cells than columns: quote what has a comma in it",
                    self.sheet,
                )
        return self.form.draft(line, said, self.tally, self.sheet)

    def _read(self, field: Field, cell: str, moment: str | None) -> str | Sequence[str]:
        """The cell without what people write, and spreadsheets need, for want of another way."""
        match field.holds:
            case Holds.MOMENT:
                return moment or cell
            case Holds.ID:
                read = ids.bare(cell)
                self.tally.ids += read != cell
                return read
            case Holds.TEXT | Holds.LIST:
                plain = typed.unguarded(cell)
                read = typed.lines(plain)
                self.tally.line_breaks += read != plain
                return _BETWEEN.split(read) if field.holds is Holds.LIST else read
            case _:
                return cell


def misfit(form: Form[Draft_co], header: Sequence[str]) -> str | None:
    """Why these names are not those of the form's columns, for people."""
    fields = tuple(form.field(name) for name in header)
    known = [field.name for field in fields if field]
    if unknown := _unknown(header, fields):
        return f"不认识的列 {'、'.join(unknown[:_MOST_SHOWN])} / unknown columns"
    if missing := _missing(form, known):
        return f"缺少列 {'、'.join(missing)} / columns are missing"
    return "有重复的列 / a column stands twice" if len(set(known)) < len(known) else None


def _unknown(header: Sequence[str], fields: Sequence[Field | None]) -> list[str]:
    named = ((name, field) for name, field in zip(header, fields, strict=True) if ids.bare(name))
    return [shown(name.strip()) for name, field in named if not field]


def _missing(form: Form[Draft_co], known: Sequence[str]) -> list[str]:
    return [field.also[0] for field in form.fields if field.needed and field.name not in known]


def picture(place: str) -> str:
    """What to say of a cell that holds a picture."""
    return (
        f"单元格 {place} 里是图片，客户看不到；请把图上的内容写成文字，条目的图片写在“附件”一栏"
        f" / there is a picture in cell {place}: write what it says"
    )
