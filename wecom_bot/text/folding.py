"""How texts are compared: the same words in other letters are the same words.

NFKC (full width, circled, compatibility forms), small letters, simplified characters, and nothing that cannot be seen.
The aligned forms remember where each character came from, so that a find in the comparable text can be masked or
reported in the customer's own.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC


_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # strike-outs and the like
_UNSEEN = re.compile(
    f"[{_MARKS}"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
    "\ud800-\udfff]"  # halves of a character: nothing can be done with them
)
_CLUSTER = re.compile(rf"[\s\S][{_MARKS}\u3099\u309a]*")


@dataclass(frozen=True, slots=True)
class Aligned:
    """A comparable text; character i of it stands for `raw[starts[i]:ends[i]]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty slice of the comparable text lies in the raw one."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> str:
    """The comparable form."""
    return _simplified(_UNSEEN.sub("", unicodedata.normalize("NFKC", text).lower()))


def seen(text: str) -> str:
    """The text without what cannot be seen: marks of direction, of no width, of the order of bytes."""
    return _UNSEEN.sub("", text)


def letters(text: str) -> str:
    """The comparable form without all that is neither letter nor digit: equal letters are the same words."""
    return "".join(character for character in fold(text) if character.isalnum())


def aligned_fold(text: str) -> Aligned:
    """The comparable form, aligned with the raw text."""
    return aligned_simplified(aligned_width(text, lower=True))


def aligned_simplified(aligned: Aligned) -> Aligned:
    """The same in simplified characters."""
    simplified = _simplified(aligned.text)
    if len(simplified) != len(aligned.text):  # a phrase changed its length: go by characters, which never do
        simplified = "".join(_simplified(character)[:1] or character for character in aligned.text)
    return Aligned(simplified, aligned.starts, aligned.ends)


def aligned_width(text: str, *, lower: bool = False) -> Aligned:
    """NFKC without what cannot be seen, and small letters if asked for; aligned with the raw text."""
    if text.isascii():
        places = tuple(range(len(text) + 1))
        return Aligned(text.lower() if lower else text, places[:-1], places[1:])
    pieces: list[tuple[str, int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        piece = unicodedata.normalize("NFKC", cluster[0])
        pieces.append((_UNSEEN.sub("", piece.lower() if lower else piece), cluster.start(), cluster.end()))
    return Aligned(
        "".join(piece for piece, _, _ in pieces),
        tuple(chain.from_iterable([start] * len(piece) for piece, start, _ in pieces)),
        tuple(chain.from_iterable([end] * len(piece) for piece, _, end in pieces)),
    )


@cache
def _converter() -> "OpenCC":
    from opencc import OpenCC  # noqa: PLC0415 - it takes memory and 40 ms, and not every process compares texts

    return OpenCC("t2s")  # its dictionaries take 25 ms to load: once in a process, at first use


def _simplified(text: str) -> str:
    if text.isascii():
        return text
    converted: str = _converter().convert(text)
    return converted
