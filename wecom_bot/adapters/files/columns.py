"""Tables: which column is what, and a draft from a row of cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from wecom_bot.adapters.files.form import Draft_co, Field, Form, Holds, shown
from wecom_bot.adapters.files.limits import MOST_COLUMNS, too_large
from wecom_bot.domain.draft import BadLine
from wecom_bot.errors import InvalidInput

_MOST_SHOWN = 5  # unknown columns
_BETWEEN = re.compile(r"[|｜\r\n]+")


@dataclass(frozen=True, slots=True)
class Columns(Generic[Draft_co]):
    """What each column of a table holds; None for one that has no name."""

    form: Form[Draft_co]
    fields: tuple[Field | None, ...]

    @classmethod
    def of(cls, form: Form[Draft_co], header: Sequence[str], line: int) -> "Columns[Draft_co]":
        """By the names in the first row, Chinese or English, in any order. Raises InvalidInput."""
        if len(header) > MOST_COLUMNS and any(name.strip() for name in header[MOST_COLUMNS:]):
            raise too_large(
                f"文件第 {line} 行：超过 {MOST_COLUMNS} 列", f"line {line} has more than {MOST_COLUMNS} columns"
            )
        fields = tuple(form.field(name) for name in header[:MOST_COLUMNS])
        known = [field.name for field in fields if field]
        if unknown := [
            shown(name.strip()) for name, field in zip(header, fields, strict=False) if name.strip() and not field
        ]:
            raise InvalidInput(
                f"文件第 {line} 行：不认识的列 {'、'.join(unknown[:_MOST_SHOWN])}，可用的列是 {form.names}"
                f" / unknown columns in line {line}"
            )
        if missing := [field.also[0] for field in form.fields if field.needed and field.name not in known]:
            raise InvalidInput(
                f"文件第 {line} 行：缺少列 {'、'.join(missing)}，第一行应是列名 {form.names}"
                f" / line {line} should name the columns {form.english}"
            )
        if len(set(known)) < len(known):
            raise InvalidInput(f"文件第 {line} 行：有重复的列 / a column stands twice in line {line}")
        return cls(form, fields)

    def draft(self, line: int, cells: Sequence[str]) -> Draft_co | BadLine | None:
        """What comes of a row; None for an empty one."""
        if not any(cell.strip() for cell in cells):
            return None
        said: dict[str, str | Sequence[str]] = {}
        for index, cell in enumerate(cells):
            field = self.fields[index] if index < len(self.fields) else None
            if field:
                said[field.name] = _BETWEEN.split(cell) if field.holds is Holds.LIST else cell
            elif cell.strip():
                return BadLine(
                    line,
                    f"第 {index + 1} 列没有列名却有内容；内容里有逗号时请用英文双引号括起来"
                    " / more cells than columns: quote what has a comma in it",
                )
        return self.form.draft(line, said)
