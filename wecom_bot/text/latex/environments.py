"""Rows and cells: aligned lines, cases, matrices, lists."""

from types import MappingProxyType

from wecom_bot.text.latex import symbols
from wecom_bot.text.latex.reader import Command, LatexReader
from wecom_bot.text.latex.said import SaidPieces

_WITH_COLUMNS = frozenset({"array", "tabular", "alignat", "alignedat"})
_CELLS = {"cases": ", ", "dcases": ", ", "rcases": ", ", "array": " ", "tabular": " "}


def _begin(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    name = reader.source().rstrip("*")
    reader.option()
    if name in _WITH_COLUMNS:
        reader.source()
    brackets = symbols.MATRICES.get(name)
    was = reader.row, reader.cell, reader.rows_at
    reader.row, reader.cell = ("; ", ", ") if brackets else ("\n", _CELLS.get(name, ""))
    reader.rows_at = -1 if brackets else reader.depth + 1
    text = reader.nested("\\end").strip()
    reader.source()
    reader.row, reader.cell, reader.rows_at = was
    if brackets is not None:
        said.add(brackets[0] + text + brackets[1])
        return
    said.trim()
    if said.last == "{":
        said.pieces.pop()  # of \left\{ … \right. there is no other half
    said.blank("\n")
    said.add(text)
    said.blank("\n")


def _end(reader: LatexReader, _name: str, _said: SaidPieces) -> None:
    reader.source()


def _row(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    if reader.loose and not (reader.ahead().isspace() or not reader.ahead()):
        said.add("\\\\")  # a folder's, perhaps
        return
    reader.option()
    reader.pass_blanks()
    if reader.row == "\n":
        said.blank("\n")
    elif reader.ahead() != "\\end":
        said.trim()
        said.add(reader.row)


def _item(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    reader.pass_blanks()
    said.blank("\n")
    said.add("· ")
    reader.option()


ENVIRONMENTS: MappingProxyType[str, Command] = MappingProxyType(
    {"begin": _begin, "end": _end, "item": _item, "\\": _row}
)
"""What to do for their commands."""
