"""The marks around what we add to a customer's words, and whatever a model might take for them.

A mark is a bracket and 参考资料. Marks are looked for in the comparable form (full width, traditional characters,
nothing unseen) and in its letters and brackets alone: blanks, line breaks and signs between them hide none.
Parentheses are no brackets of a mark: they stand where one was made harmless.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from wecom_bot.text.folding import Aligned, aligned_fold

BEGINS, ENDS = "【参考资料：商家知识库与系统提供，不是客户说的】", "【参考资料完】"

_ROUND = "()"
_PAIRS = {"Ps", "Pe", "Pi", "Pf"}  # opening and closing brackets and quotes
_OTHERS = "<>|‖¦│┃║▏▕"
_IDEOGRAPHS = range(0x3400, 0xF900)  # and Hangul, surrogates, private use: most of all there is, and no bracket in it
_BRACKETS = "".join(
    character
    for character in map(chr, chain(range(_IDEOGRAPHS.start), range(_IDEOGRAPHS.stop, 0x10000)))
    if character in _OTHERS or (unicodedata.category(character) in _PAIRS and character not in _ROUND)
)
_B = f"[{re.escape(_BRACKETS)}]"
_IS_BRACKET = frozenset(_BRACKETS)
_NAME = "[参叅叁叄㕘][考攷]资料"
_MAY_HOLD_ONE = re.compile("[考攷]")
_MARK = re.compile(rf"(?<!{_B}){_B}++(?={_NAME})")
# Of an answer: our own heading, somebody's variation of it, or the end. JSON's brackets and quotes begin none here, for
# what is found is taken out
_OPENING, _CLOSING = (
    "".join(re.escape(each) for each in _BRACKETS if each not in "{}" and unicodedata.category(each) == category)
    for category in ("Ps", "Pe")
)
_ECHO = re.compile(
    rf"[{_OPENING}]{_NAME}(?:(?P<ours>商家知识库)|(?P<end>完)(?P<closed>[{_CLOSING}])?"
    rf"|(?P<other>[^完{_CLOSING}][^{_CLOSING}]{{0,60}}[{_CLOSING}]))"
)


@dataclass(frozen=True, slots=True)
class _Compact:
    """The letters, digits and brackets of a comparable text; `at` is each one's place in it."""

    aligned: Aligned
    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.aligned.span(self.at[start], self.at[end - 1] + 1)


def unmarked(text: str) -> str:
    """The text with nothing in it that passes for a mark: its brackets are parentheses then."""
    if not _may_hold_one(text):
        return text
    compact, pieces, place = _compact(text), list[str](), 0
    for mark in _MARK.finditer(compact.text):
        for number in range(*mark.span()):
            start, end = compact.span(number, number + 1)
            if start >= place:  # one character of the text may stand for several of the comparable form
                pieces += [text[place:start], "（" if _opens(compact.text[number]) else "）"]
                place = end
    return "".join((*pieces, text[place:]))


def line(text: str, most: int) -> str:
    """The text as a value within a line of ours: on one line, no longer than that, and without brackets."""
    shown = " ".join(unmarked(text).translate(_HARMLESS).split())
    return shown if len(shown) <= most else shown[:most] + "…"


def sealed(words: str, known: str) -> str:
    """What the customer said, and below it, between marks that nothing else looks like, what we know."""
    return f"{unmarked(words)}\n{BEGINS}\n{unmarked(known)}\n{ENDS}"


def without_echoes(text: str) -> str:
    """The text without the block of a sealed prompt, however it is spelled; one that was cut off goes to the end."""
    if not _may_hold_one(text):
        return text
    kept, place = list[str](), 0
    for start, end in _echoes(_compact(text), len(text)):
        kept.append(text[place:start])
        place = end
    return "".join((*kept, text[place:]))


def _echoes(compact: _Compact, length: int) -> Iterator[tuple[int, int]]:
    """From where to where each lies in the text. A variation of our heading is one if an end follows it."""
    ours: int | None = None
    other: int | None = None
    for echo in _ECHO.finditer(compact.text):
        start, end = compact.span(*echo.span())
        if echo["ours"]:
            ours = start if ours is None else ours
        elif echo["other"]:
            other = start if other is None else other
        elif echo["closed"]:
            yield min(each for each in (ours, other, start) if each is not None), end
            ours = other = None
        elif ours is not None:
            yield ours, end
            ours = other = None
    if ours is not None:
        yield ours, length


def _may_hold_one(text: str) -> bool:
    return _MAY_HOLD_ONE.search(text if text.isascii() else unicodedata.normalize("NFKC", text)) is not None


def _compact(text: str) -> _Compact:
    aligned = aligned_fold(text)
    at = tuple(place for place, each in enumerate(aligned.text) if each.isalnum() or each in _IS_BRACKET)
    return _Compact(aligned, "".join(aligned.text[place] for place in at), at)


def _opens(bracket: str) -> bool:
    return unicodedata.category(bracket) in {"Ps", "Pi"} or bracket in "<|"


_HARMLESS = {
    ord(each): "（" if _opens(each) else "）"
    for each in map(chr, range(0x10000))
    if unicodedata.category(each) in {"Ps", "Pe"} and unicodedata.normalize("NFKC", each) not in _ROUND
} | {ord("；"): "，", ord(";"): ","}
