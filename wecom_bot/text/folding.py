"""How texts are compared: the same words in other letters are the same words.

NFKC (full width, circled, compatibility forms), small letters, simplified characters, and nothing that cannot be seen.
The aligned forms remember where each character came from, so that a find in the comparable text can be masked or
reported in the customer's own.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
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
_JOINS = re.compile(f"[{_MARKS}\u3099\u309a]")
_CLUSTER = re.compile(rf"[\s\S][{_MARKS}\u3099\u309a]*")

_MOST_KEPT, _FEW = 256, 16
_MOST_CHARACTERS = 30_000  # every one that is in use; a stranger may write all there are


@dataclass(frozen=True, slots=True)
class Aligned:
    """A comparable text; character i of it stands for `raw[starts[i]:ends[i]]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty slice of the comparable text lies in the raw one."""
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=_MOST_KEPT)
def fold(text: str) -> str:
    """The comparable form: every stage of a turn asks for it of the same few texts."""
    if not unicodedata.is_normalized("NFKC", text):  # which takes a tenth of the time
        text = unicodedata.normalize("NFKC", text)
    return _simplified(_UNSEEN.sub("", text.lower()))


def seen(text: str) -> str:
    """The text without what cannot be seen: marks of direction, of no width, of the order of bytes."""
    return _UNSEEN.sub("", text)


@lru_cache(maxsize=_MOST_KEPT)
def letters(text: str) -> str:
    """The comparable form without all that is neither letter nor digit: equal letters are the same words."""
    folded = fold(text)
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


@lru_cache(maxsize=_FEW)
def aligned_fold(text: str) -> Aligned:
    """The comparable form, aligned with the raw text: the same one for all word lists that look into it."""
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
    pieces, starts, ends = _pieces(text, lower=lower)
    levelled = "".join(pieces)
    if len(levelled) != len(starts) or "" in pieces:
        starts = [start for start, piece in zip(starts, pieces, strict=True) for _ in piece]
        ends = [end for end, piece in zip(ends, pieces, strict=True) for _ in piece]
    return Aligned(levelled, tuple(starts), tuple(ends))


def _pieces(text: str, *, lower: bool) -> tuple[Sequence[str], Sequence[int], Sequence[int]]:
    """What is levelled by itself, and where each begins and ends in the text."""
    if not _JOINS.search(text):
        one_by_one = list(map((_SMALL if lower else _LEVEL).__getitem__, text))
        return one_by_one, range(len(text)), range(1, len(text) + 1)
    clusters = list(_CLUSTER.finditer(text))
    pieces = [_levelled(cluster[0], lower=lower) for cluster in clusters]
    return pieces, [cluster.start() for cluster in clusters], [cluster.end() for cluster in clusters]


def _levelled(cluster: str, *, lower: bool) -> str:
    piece = unicodedata.normalize("NFKC", cluster)
    return _UNSEEN.sub("", piece.lower() if lower else piece)


class _ByCharacter(dict[str, str]):
    """The levelled form of each character that was met, so that a text costs one look-up a character."""

    def __init__(self, *, lower: bool) -> None:
        super().__init__()
        self._lower = lower

    def __missing__(self, character: str) -> str:
        piece = _levelled(character, lower=self._lower)
        if len(self) < _MOST_CHARACTERS:
            self[character] = piece
        return piece


_LEVEL, _SMALL = _ByCharacter(lower=False), _ByCharacter(lower=True)


@cache
def _converter() -> "OpenCC":
    from opencc import OpenCC  # noqa: PLC0415 - it takes memory and 40 ms, and not every process compares texts

    return OpenCC("t2s")  # its dictionaries take 25 ms to load: once in a process, at first use


def _simplified(text: str) -> str:
    if text.isascii():
        return text
    converted: str = _converter().convert(text)
    return converted
