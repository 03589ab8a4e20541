r"""What people and exports write into cells for want of another way: \n for a new line, ="..." around a text."""

import re

_ENDS = re.compile("\r\n|[\r\v\f\x85]")
_SEPARATORS = re.compile("[\u2028\u2029]")  # which word processors leave in what is copied from them
# A path: a drive, a share, a registry's root or a folder beside this one, and the names after it. A \n in it begins a
# name if a small letter follows (C:\new), and a new line before anything else (C:\data\n第二步, C:\data\n2.).
_NEW_LINE = re.compile(
    r"""
      (?P<path>
        (?: (?<![A-Za-z0-9])[A-Za-z]: | HK[A-Z_]{2,40} | (?<![.\w])\.{1,2} | %\w{1,40}% | \\(?=\\\w) )
        (?: \\(?!n(?![a-z_])) (?: [^\s\\/:*?"<>|，。；：、！？（）“”‘’] | [ ](?=[A-Z0-9(]) )* )+
      )
    | \\\\                                                  # a backslash that is meant
    | (?: \\r )? \\n
    """,
    re.VERBOSE,
)
_GUARDED = re.compile(r'="([^"]*)"')
_APOSTROPHE = re.compile(r"'([0-9A-Za-z=+@-][^\s']*)")  # before a number of a parcel; English words may begin with one


def lines(text: str) -> str:
    """The text with every end of a line as a line feed, those that were typed as backslash and n too."""
    if text.isprintable() and "\\" not in text:  # as nearly all are
        return text
    plain = _SEPARATORS.sub("\n", uniform(text))
    return _NEW_LINE.sub(lambda found: "\n" if found[0].endswith("\\n") and not found["path"] else found[0], plain)


def uniform(text: str) -> str:
    """The text with every end of a line as a line feed."""
    return text if text.isprintable() else _ENDS.sub("\n", text)


def unguarded(text: str) -> str:
    """The text without what keeps a spreadsheet from taking it for a number or a formula."""
    if text.lstrip()[:1] not in {"=", "'"}:
        return text
    found = _GUARDED.fullmatch(text.strip()) or _APOSTROPHE.fullmatch(text.strip())
    return found[1] if found else text
