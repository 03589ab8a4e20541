"""Ids as they were meant: without what people, spreadsheets and exports put around them."""

import re
import unicodedata

from wecom_bot.text.folding import seen

_WIDE = {0x3000: " ", **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}}
_GUARDED = re.compile(r'=?\s*"([^"]*)"')  # ="0012", which keeps a spreadsheet from making a number of it
_APOSTROPHES = "'‘’`"  # before a text that is no number, as spreadsheets have it
_WHOLE = re.compile(r"([0-9]+)\.0+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


def bare(text: str) -> str:
    """The id without blanks, guards and what cannot be seen, with letters and digits of the usual width."""
    if text.isascii() and text.isalnum():
        return text
    plain = seen(text).translate(_WIDE).strip()
    if guarded := _GUARDED.fullmatch(plain):
        plain = guarded[1].strip()
    return plain.lstrip(_APOSTROPHES).lstrip() or plain


def said(text: str) -> str:
    """The same as a customer says it, or WeCom gives it: neither 12.0 nor 1,234, and no circled digits."""
    if text.isascii() and text.isalnum():
        return text
    plain = bare(unicodedata.normalize("NFKC", text))
    if whole := _WHOLE.fullmatch(plain):
        plain = whole[1]
    elif _GROUPED.fullmatch(plain.partition(".")[0]) and not plain.partition(".")[2].strip("0"):
        plain = plain.partition(".")[0].replace(",", "")
    return plain
