"""Markdown tables as lines: a phone is too narrow for columns."""

import re
from collections.abc import Iterator, Sequence

_SEPARATOR = re.compile(r"^\s*\|?\s*:?-{1,100}:?\s*(?:\|\s*:?-{1,100}:?\s*){0,50}\|?\s*$")


def in_lines(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with each row of a table as `· heading：cell；heading：cell`."""
    place = 0
    while place < len(lines):
        if "|" not in lines[place] or place + 1 >= len(lines) or not _separates(lines[place], lines[place + 1]):
            yield lines[place]
            place += 1
            continue
        headings = _cells(lines[place])
        place += 2
        if place == len(lines) or "|" not in lines[place]:
            yield "；".join(filter(None, headings))  # a table without rows says what is in its first line
        while place < len(lines) and "|" in lines[place]:
            yield _row(headings, _cells(lines[place]))
            place += 1


def _separates(above: str, line: str) -> bool:
    return "-" in line and _SEPARATOR.match(line) is not None and len(_cells(line)) == len(_cells(above))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _row(headings: Sequence[str], cells: Sequence[str]) -> str:
    named = [*headings, *[""] * (len(cells) - len(headings))]
    return "· " + "；".join(
        f"{heading}：{cell}" if heading else cell for heading, cell in zip(named, cells, strict=False) if cell
    )
