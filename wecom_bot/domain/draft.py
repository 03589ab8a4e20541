"""What an operator's file says about articles or orders, line by line, before it is proved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as a line of a file has it; `line` counts from 1, as editors and spreadsheets do."""

    line: int
    article_id: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    attachments: str = ""  # a JSON list
    careful: str = ""  # yes or no


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as a line of a file has it."""

    line: int
    order_id: str
    customer: str
    status: str
    logistics: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of which nothing comes, and why, for the person who wrote it."""

    line: int
    problem: str

    def __str__(self) -> str:
        """The line as an operator reads it."""
        return f"文件第 {self.line} 行：{self.problem} / line {self.line}"
