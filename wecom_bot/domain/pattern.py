"""A tenant's regular expressions: compiled within bounds, read within a time limit.

`re` holds the interpreter until it is done, which a pattern that backtracks may never be; `regex` looks at the clock
while it reads. Only what `re` knows is a pattern, and it means what it means to `re`.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined] # the standard library's own reading, before anything is built of it
from typing import Any, TypeVar

import regex

from wecom_bot.errors import PatternTooSlow

Match = regex.Match[str]
Parts = Any  # pairs of a part's kind and what it holds; the standard library has no name for it
T = TypeVar("T")

TEXT_MOST = 2_000  # characters; more than this a customer does not say about a slot
LIMIT = timedelta(milliseconds=50)  # of this process's time for one reading; what is ordinary takes a hundredth of it

_STRIKES = 3
_ASIDE = 60.0  # seconds for which a pattern that was too slow so often is not tried: other tenants wait meanwhile
# what `regex` would take for an approximate match is a brace to `re`
_LONE_BRACE = re.compile(r"\\N\{[^}]*\}|\\.|\{(?![0-9]+(?:,[0-9]*)?\}|,[0-9]*\})", re.DOTALL)


class NotAPattern(ValueError):
    """It cannot be read as a regular expression; the message says why."""


@dataclass(slots=True)
class Pattern:
    """A regular expression. Every reading raises PatternTooSlow when it takes longer than LIMIT.

    After several such readings it is set aside for a while: it raises at once, but reads what is shorter than all those
    texts, so that no customer's long message takes the slot from the others.
    """

    compiled: regex.Pattern[str]
    clock: Callable[[], float] = time.monotonic
    _strikes: int = 0
    _aside_until: float | None = None
    _slow_from: int = TEXT_MOST  # characters

    def search(self, text: str) -> Match | None:
        """The first match."""
        return self._read(self.compiled.search, text)

    def fullmatch(self, text: str) -> Match | None:
        """The match of the whole text."""
        return self._read(self.compiled.fullmatch, text)

    def findall(self, text: str) -> list[Match]:
        """All matches, in order."""
        return self._read(lambda *args, **kwargs: list(self.compiled.finditer(*args, **kwargs)), text)

    def _read(self, read: Callable[..., T], text: str) -> T:
        if self._aside_until is not None and self.clock() < self._aside_until and len(text) >= self._slow_from:
            raise PatternTooSlow("it was too slow too often", aside=timedelta(0))
        try:
            return read(text, timeout=LIMIT.total_seconds(), concurrent=False)
        except (TimeoutError, MemoryError):
            raise self._strike(len(text)) from None

    def _strike(self, length: int) -> PatternTooSlow:
        self._strikes, self._slow_from = self._strikes + 1, min(self._slow_from, length)
        if self._strikes < _STRIKES:
            return PatternTooSlow("it takes too long")
        self._strikes -= 1  # one more is enough the next time
        self._aside_until = self.clock() + _ASIDE
        return PatternTooSlow("it takes too long, again and again", aside=timedelta(seconds=_ASIDE))


@lru_cache(maxsize=4096)
def pattern(source: str) -> Pattern:
    """The pattern of that source, one for the whole process. Raises NotAPattern, within a moment for any source."""
    if copies(parsed(source)) > TEXT_MOST:
        raise NotAPattern(f"its repetitions ask for more than {TEXT_MOST} characters, which no text has that we read")
    try:
        re.compile(source)  # which refuses more than its reading does
        return Pattern(regex.compile(_LONE_BRACE.sub(_escaped, source)))
    except (re.error, regex.error, ValueError, RecursionError, OverflowError, MemoryError) as e:
        raise NotAPattern(f"not a regular expression: {e}") from None


def parsed(source: str) -> Parts:
    """The pattern's parts as `re` reads them. Raises NotAPattern."""
    try:
        return _parser.parse(source)
    except RecursionError:
        raise NotAPattern("too many brackets within brackets") from None
    except (re.error, OverflowError) as e:
        raise NotAPattern(f"not a regular expression: {e}") from None


def copies(parts: Parts) -> int:
    """How many characters its least repetitions write out: a compiler makes room for them."""
    return sum(_copies(str(kind), what) for kind, what in parts)


def inner(kind: str, what: Any) -> list[Parts]:  # noqa: ANN401, PLR0911 - a line for each kind; it depends on the kind
    """The parts within a part."""
    match kind:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [what[2]]
        case "SUBPATTERN":
            return [what[3]]
        case "ATOMIC_GROUP":
            return [what]
        case "BRANCH":
            return list(what[1])
        case "ASSERT" | "ASSERT_NOT":
            return [what[1]]
        case "GROUPREF_EXISTS":
            return [each for each in what[1:] if each]
        case _:
            return []


def _copies(kind: str, what: Any) -> int:  # noqa: ANN401 - as above
    within = inner(kind, what)
    times = max(1, what[0]) if kind.endswith("_REPEAT") else 1
    return times * sum(map(copies, within)) if within else 1


def _escaped(found: re.Match[str]) -> str:
    return r"\{" if found[0] == "{" else found[0]
