"""What an operator's file says about articles or orders, line by line, before it is proved."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as a line of a file has it; `line` counts from 1, as editors and spreadsheets do.

    `sheet` is the one it stands in, where a file has several.
    """

    line: int
    article_id: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    attachments: str = ""  # a JSON list
    careful: str = ""  # yes or no
    sheet: str = ""
    tags: tuple[str, ...] = ()
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as a line of a file has it."""

    line: int
    order_id: str
    customer: str
    status: str
    logistics: str
    updated_at: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of which nothing comes, and why, for the person who wrote it."""

    line: int
    problem: str
    sheet: str = ""

    def __str__(self) -> str:
        """The line as an operator reads it."""
        return f"文件{place(self)}：{self.problem} / {english_place(self)}"


def place(line: ArticleDraft | OrderDraft | BadLine) -> str:
    """Where it stands, as an operator looks for it."""
    return f"工作表“{line.sheet}”第 {line.line} 行" if line.sheet else f"第 {line.line} 行"


def english_place(line: ArticleDraft | OrderDraft | BadLine) -> str:
    """The same in English."""
    return f"line {line.line} of sheet {line.sheet}" if line.sheet else f"line {line.line}"


@dataclass(slots=True)
class Tally:
    """What a file had that its reader changed, filled in or left out, for who imports it."""

    ids: int = 0  # that were cleaned
    line_breaks: int = 0  # texts in which they were made the same
    merged: int = 0  # cells that were filled with what the merged one says
    hidden_rows: int = 0  # that were read all the same
    sheets: list[str] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)  # that were not read, each with the reason
    hidden_sheets: list[str] = field(default_factory=list)  # that were not read
