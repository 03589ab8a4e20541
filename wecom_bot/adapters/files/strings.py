"""The texts of a workbook, which its cells name by number."""

import re
from collections.abc import Sequence

from wecom_bot.adapters.files import limits
from wecom_bot.adapters.files.parts import Attributes, Parts, new_parser

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """The text with the characters that OOXML writes by number: _x000D_ ends a line, _x005F_ is an underscore."""
    if "_x" not in text:
        return text
    return (
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


def read(parts: Parts, name: str) -> Sequence[str]:
    """All of them, in their order. Raises InvalidInput."""
    table = _Table()
    begins = {"si": table.begin, "t": table.begin_text, "rPh": table.begin_sound}
    ends = {"si": table.end, "t": table.end_text, "rPh": table.end_sound}
    for _ in parts.parse(name, new_parser(begins, ends, table.text)):
        pass
    return table.strings


class _Table:
    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._listens = self._aloud = False
        self._characters = self._length = 0

    def begin(self, _attributes: Attributes) -> None:
        if len(self.strings) >= limits.MOST_STRINGS:
            raise limits.too_large(
                f"文件里有超过 {limits.MOST_STRINGS:,} 段文字", f"more than {limits.MOST_STRINGS:,} texts"
            )
        self._pieces, self._length = [], 0

    def begin_text(self, _attributes: Attributes) -> None:
        self._listens = not self._aloud

    def begin_sound(self, _attributes: Attributes) -> None:
        """How the text is read aloud, as Japanese files say."""
        self._aloud = True

    def text(self, data: str) -> None:
        if not self._listens:
            return
        self._pieces.append(data)
        self._length += len(data)
        self._characters += len(data)
        if self._length > limits.MOST_CELL:
            raise limits.too_large(
                f"有单元格超过 {limits.MOST_CELL:,} 个字符", f"a cell has more than {limits.MOST_CELL:,} characters"
            )
        if self._characters > limits.MOST_TEXT:
            raise limits.too_large(
                f"文字共超过 {limits.MOST_TEXT:,} 个字符", f"more than {limits.MOST_TEXT:,} characters in all"
            )

    def end_text(self) -> None:
        self._listens = False

    def end_sound(self) -> None:
        self._aloud = False

    def end(self) -> None:
        self.strings.append(unescaped("".join(self._pieces)))
