"""Merged cells: what the first one says holds for every row that they span."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from wecom_bot.adapters.files import limits, places
from wecom_bot.adapters.files.parts import Attributes, Parts, new_parser
from wecom_bot.adapters.files.sheet import SheetRow
from wecom_bot.domain.draft import Tally
from wecom_bot.errors import InvalidInput

_COLUMN_BITS = 9  # for MOST_COLUMNS


class Merged:
    """The cells of a sheet that go over several rows. They stand behind the rows, so it is looked through twice."""

    def __init__(self, parts: Parts, name: str, tally: Tally) -> None:
        self._lasts: dict[int, int] = {}  # by the place of the first cell
        self._open: dict[int, tuple[int, str, str]] = {}  # by index: until which row, and what holds there
        self._tally = tally
        # whatever is wrong with the sheet is said when its rows are read
        with suppress(InvalidInput, BadZipFile, zlib.error, ExpatError, EOFError, OSError):
            parts.look(name, b"mergeCell", new_parser({"mergeCell": self._add}, {}, lambda _text: None))

    def fill(self, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
        """The rows, the first one, which names the columns, as it is."""
        for row in rows:
            if self._lasts:
                self._fill(row)
            yield row

    def _add(self, attributes: Attributes) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        with suppress(ValueError):
            column, line, until = places.column(first), places.line(first), places.line(last)
            if until > line and column <= limits.MOST_COLUMNS and len(self._lasts) < limits.MOST_ROWS:
                self._lasts[line << _COLUMN_BITS | column - 1] = until

    def _fill(self, row: SheetRow) -> None:
        """A row with nothing of its own stays empty: a merged cell often goes beyond the last one."""
        if not any(row.texts) and not row.flaw:
            return
        self._open = {index: held for index, held in self._open.items() if held[0] >= row.line}
        for index, (_, text, moment) in self._open.items():
            row.texts += [""] * (index + 1 - len(row.texts))
            row.texts[index], row.moments[index] = text, moment
            self._tally.merged += 1
        for index, text in enumerate(row.texts):
            until = self._lasts.get(row.line << _COLUMN_BITS | index)
            if until and text:
                self._open[index] = until, text, row.moments.get(index, "")
