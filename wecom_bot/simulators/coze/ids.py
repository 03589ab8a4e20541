"""Ids as Coze makes them: about 19 digits, rising with time."""

import itertools
import time

_numbers = itertools.count(1)


def new() -> str:
    """An id that nothing else has."""
    return str((int(time.time()) << 32) | next(_numbers) & 0xFFFFFFFF)
