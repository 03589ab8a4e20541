"""What has to stay as it is, out of sight of whatever reads marks, until all else is done."""

import re

CODE = r"(?P<code>(?<![`\\])(?P<tick>`{1,2})(?!`)[^`\n]{1,500}?(?P=tick)(?!`))"
"""The pattern of code within a line, which stands as it is."""

_LAST_PLANE = 0x100000  # private characters, one for each of ASCII
_HIDDEN = re.compile("[\U00100000-\U0010007f]")
_MARK = re.compile(r"[!-/:-@\[-`{-~]")


def hide(text: str) -> str:
    """The text with nothing in it that could be a mark."""
    return "".join(chr(_LAST_PLANE + ord(each)) if each.isascii() else each for each in text)


def hide_marks(text: str) -> str:
    """The text with its letters, numbers and blanks in sight: what stands around it may ask for them."""
    return _MARK.sub(lambda found: hide(found[0]), text)


def shown(text: str) -> str:
    """The text with what was hidden."""
    return _HIDDEN.sub(lambda found: chr(ord(found[0]) - _LAST_PLANE), text)


def without_hidden(text: str) -> str:
    """The text without what looks hidden, though nobody hid it."""
    return _HIDDEN.sub("", text)
