"""Text files as they come from other people's computers: which encoding, and how far we have read."""

import codecs
import io
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TextIO

from wecom_bot.adapters.files import limits
from wecom_bot.errors import InvalidInput

_BLOCK = 1 << 16
# Text in GBK hardly ever begins with that many characters that are also right in UTF-8
_SURELY_UTF8 = 8

Progress = Callable[[int], None]
"""Told how many more bytes were read."""


class CountedFile(io.FileIO):
    """A file that tells how many bytes were read from it."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(path)
        self._progress = progress

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
        """As FileIO; everything of a BufferedReader comes through here."""
        count = super().readinto(buffer)
        self._progress(count or 0)
        return count


def open_text(path: Path, progress: Progress) -> io.TextIOWrapper:
    """The file as text, with its line ends as they are. Raises InvalidInput."""
    if path.stat().st_size > limits.MOST_BYTES:
        raise limits.too_large(
            f"{path.name} 超过 {limits.MOST_BYTES >> 20} MB", f"the file is larger than {limits.MOST_BYTES >> 20} MB"
        )
    encoding = _encoding(path)
    return io.TextIOWrapper(io.BufferedReader(CountedFile(path, progress)), encoding=encoding, newline="")


def lines(text: TextIO) -> Iterator[str]:
    """Line by line, none of them longer than may be, and no more of them. Raises InvalidInput."""
    for number in count(1):
        line = text.readline(limits.MOST_LINE + 1)
        if not line:
            return
        if len(line) > limits.MOST_LINE:
            raise line_too_long(number)
        if number > limits.MOST_ROWS:
            raise limits.too_many_rows(number)
        yield line


def line_too_long(number: int) -> InvalidInput:
    """What to say of a line, or a row that spans lines, which does not end."""
    return InvalidInput(
        f"文件第 {number} 行：超过 {limits.MOST_LINE:,} 个字符，请检查换行和引号，或把内容分成几条"
        f" / line {number} has more than {limits.MOST_LINE:,} characters: check its line ends and quotes"
    )


def _encoding(path: Path) -> str:
    """UTF-8 if it is that, by mark or by proof; else UTF-16 by mark, or GB18030 (what Excel calls GBK, and more)."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        line, characters = _first_fault(path, "utf-8")
        if line is None or head.startswith(codecs.BOM_UTF8):
            encoding = "utf-8-sig"
        elif characters < _SURELY_UTF8:
            encoding = "gb18030"
        else:
            raise InvalidInput(f"文件第 {line} 行有损坏的 UTF-8 字符，请修正 / line {line} is not UTF-8")
    line, _ = _first_fault(path, encoding)
    if line is not None:
        raise InvalidInput(f"文件第 {line} 行无法识别编码，请另存为 UTF-8 / line {line}: save the file as UTF-8")
    return encoding


def _first_fault(path: Path, encoding: str) -> tuple[int | None, int]:
    """The line of the first byte that is wrong in this encoding, and how many non-ASCII characters came before it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, characters = 1, 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as e:
                good = e.object[: e.start].decode(encoding, errors="ignore")
                return line + good.count("\n"), characters + _wide(good)
            line += text.count("\n")
            characters += _wide(text)
            if not block:
                return None, characters


def _wide(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))
