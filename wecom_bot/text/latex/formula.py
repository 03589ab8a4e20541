"""A formula as people read it, and a line of words with formulas in it."""

import re

from wecom_bot.text.latex.commands import COMMANDS
from wecom_bot.text.latex.reader import LatexReader

_IN_BRACKETS = re.compile(r"(?<=[(\[⟨]) +| +(?=[)\]⟩,;])")
_BLANKS = re.compile(r" {2,}")
_BREAK = re.compile(r" *\n\s*")


def readable(formula: str) -> str:
    """What stood between delimiters, in one line or in one for each of its rows."""
    said = LatexReader.of(formula, COMMANDS).sequence()
    return _BREAK.sub("\n", _IN_BRACKETS.sub("", _BLANKS.sub(" ", said))).strip()


def readable_within(line: str) -> str:
    """A line of words in which commands stand without delimiters; what may be no LaTeX stays."""
    return LatexReader.of(line, COMMANDS, within_words=True).sequence()
