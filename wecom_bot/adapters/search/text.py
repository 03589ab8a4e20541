"""What is compared of a question: single characters and pairs of Chinese, whole words of the rest.

Character pairs find short Chinese questions better than a word segmentation does, and need no dictionary.
"""

import re
from operator import add

from wecom_bot.adapters.search.words import VARIANTS
from wecom_bot.text.folding import fold, letters

_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(rf"([{_UNSPACED}]+)|([^\W_{_UNSPACED}]+)")
_VARIANT = re.compile("|".join(sorted(map(re.escape, VARIANTS), key=len, reverse=True)))
_LONGEST = 64
_NUMBER = re.compile(r"[0-9]{10,}")


def normalise(text: str) -> str:
    """The form in which texts are compared: width, case and script levelled, common variants of a word as one."""
    return _VARIANT.sub(lambda found: VARIANTS[found[0]], fold(text))


def sameness(text: str) -> str:
    """Two questions with an equal, non-empty sameness are the same words; empty if there are no words."""
    return letters(text)


def tokens(text: str) -> list[str]:
    """The comparable pieces, in order, with repeats. Order and phone numbers are none: they ask no question."""
    pieces: list[str] = []
    for unspaced, word in _RUN.findall(normalise(text)):
        if unspaced:
            pieces += unspaced
            pieces += map(add, unspaced, unspaced[1:])  # the pairs
        elif len(word) <= _LONGEST and not _NUMBER.fullmatch(word):
            pieces.append(word)
    return pieces
