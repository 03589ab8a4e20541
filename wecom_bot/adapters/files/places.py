"""What cells are called: B2 is the second of the second row."""

from functools import lru_cache

_LETTERS, _MOST = 26, 3
_DIGITS = "0123456789"


def named(column: int, line: int) -> str:
    """The cell's name; columns and lines count from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{line}"


def column(name: str) -> int:
    """The column of a cell's name. Raises ValueError."""
    letters = name.rstrip(_DIGITS)
    if letters == name:
        raise ValueError("no place of a cell")
    return _column(letters)


def line(name: str) -> int:
    """The line of a cell's name. Raises ValueError."""
    column(name)
    return int(name[len(name.rstrip(_DIGITS)) :])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha() and len(letters) <= _MOST):
        raise ValueError("no place of a cell")
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number
