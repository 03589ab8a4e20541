"""Tables of articles: which column is what, and an article from a row of cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.errors import InvalidInput

_NAMES = {
    "id": ("id", "编号"),
    "question": ("question", "问题", "标准问", "标准问题"),
    "similar": ("similar", "相似问", "相似问题", "相似问法"),
    "answer": ("answer", "答案", "回答"),
}
_FIELD = {name: field for field, names in _NAMES.items() for name in names}
_NEEDED = {"id", "question", "answer"}
_BETWEEN_SIMILAR = re.compile(r"[|｜\r\n]+")


def recognized(header: Sequence[str]) -> int:
    """How many of these are names of columns that we know."""
    return sum(cell.strip().casefold() in _FIELD for cell in header)


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a table holds; None for one that has no name."""

    fields: tuple[str | None, ...]

    @classmethod
    def of(cls, header: Sequence[str], line: int) -> "Columns":
        """By the names in the first row, Chinese or English, in any order. Raises InvalidInput."""
        names = [cell.strip() for cell in header]
        fields = tuple(_FIELD.get(name.casefold()) for name in names)
        known = [field for field in fields if field]
        known_names = "、".join("/".join(names) for names in _NAMES.values())
        if unknown := [name for name, field in zip(names, fields, strict=True) if name and not field]:
            raise InvalidInput(
                f"文件第 {line} 行：不认识的列 {'、'.join(unknown)}，可用的列是 {known_names}"
                f" / unknown columns in line {line}"
            )
        if missing := sorted(_NEEDED - set(known)):
            raise InvalidInput(
                f"文件第 {line} 行：缺少列 {'、'.join(_NAMES[field][1] for field in missing)}，"
                f"第一行应是列名 {known_names} / line {line} should name the columns id, question, similar, answer"
            )
        if len(set(known)) < len(known):
            raise InvalidInput(f"文件第 {line} 行：有重复的列 / a column stands twice in line {line}")
        return cls(fields)

    def draft(self, line: int, cells: Sequence[str]) -> ArticleDraft | BadLine | None:
        """The article of a row; None for an empty one."""
        if not any(cell.strip() for cell in cells):
            return None
        values = dict.fromkeys(_NAMES, "")
        for index, cell in enumerate(cells):
            field = self.fields[index] if index < len(self.fields) else None
            if field:
                values[field] = tidy(cell)
            elif cell.strip():
                return BadLine(
                    line,
                    f"第 {index + 1} 列没有列名却有内容；内容里有逗号时请用英文双引号括起来"
                    " / more cells than columns: quote what has a comma in it",
                )
        similar = (tidy(phrase) for phrase in _BETWEEN_SIMILAR.split(values["similar"]))
        return ArticleDraft(
            line, values["id"], values["question"], values["answer"], tuple(phrase for phrase in similar if phrase)
        )


def tidy(cell: str) -> str:
    """The text without what editors leave around it."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()
