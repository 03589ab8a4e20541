"""Trying a tenant's pattern, before it is taken in, on the texts on which it would be slowest."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

import regex

from wecom_bot.domain import pattern_shape
from wecom_bot.domain.pattern import TEXT_MOST, NotAPattern, Parts, inner, parsed, pattern

Compiled = regex.Pattern[str]

# How long the texts are, and how many of them, the slowest before, are read at that length: a bound on a repetition may
# make short texts the slow ones
_LENGTHS = {30: 400, 120: 400, 500: 40, TEXT_MOST: 4}
# By far more than LIMIT, and of this process's own time: what grows with the square of the length takes up to 1.2 s at
# TEXT_MOST, what grows faster a minute, so that no other program on the machine decides.
_GIVEN = 3.0
_MOST_SECONDS = 20.0  # for all of them; what is ordinary takes less than one
_MOST_CHARACTERS = 24
_CHARACTERS = "1a中 A_,-."
_CATEGORIES: Mapping[str, Callable[[str], bool]] = {
    "DIGIT": str.isdecimal,
    "SPACE": str.isspace,
    "WORD": lambda each: each.isalnum() or each == "_",
}
_ENDS = ("", "\0", "\n")
_HINT = (
    "：在某些文字上会太慢。不要嵌套重复（(a+)+），不要让相邻的几个重复匹配同样的字（\\d*\\d*），给重复写上不大的上限 / "
    "too slow on some texts: no repetition within a repetition, none beside another that takes the same characters, "
    "and small bounds"
)


@dataclass(frozen=True, slots=True)
class Probe:
    """A kind of text: something again and again, between a beginning and an end."""

    before: str
    again: str
    after: str

    def text(self, length: int) -> str:
        """One of that length."""
        room = max(0, length - len(self.before) - len(self.after))
        return self.before + (self.again * (room // len(self.again) + 1))[:room] + self.after


@lru_cache(maxsize=1024)
def try_out(source: str) -> None:
    """Return if no text makes the pattern slow. Raises NotAPattern, which says what is wrong and what to do."""
    compiled, parts = pattern(source).compiled, parsed(source)
    if _seconds(compiled.match, "") is None or compiled.match(""):
        raise NotAPattern("a pattern must not match nothing: the slot would never be asked for")
    if wrong := pattern_shape.check(parts, [*_characters(parts), *_pairs(parts)], _takes):
        raise NotAPattern(wrong + _HINT)
    spent = dict.fromkeys(_probes(parts), 0.0)
    began = time.process_time()
    for length, most in _LENGTHS.items():
        for probe in sorted(spent, key=spent.__getitem__, reverse=True)[:most]:
            spent[probe] = _reading(compiled, probe.text(length))
            if time.process_time() - began > _MOST_SECONDS:
                raise NotAPattern(_HINT.removeprefix("："))


def _reading(compiled: Compiled, text: str) -> float:
    """How long it takes to read the text in the slower of our ways. Raises NotAPattern if it takes too long."""
    slowest = 0.0
    for read in (compiled.fullmatch, lambda *args, **kwargs: list(compiled.finditer(*args, **kwargs))):
        took = _seconds(read, text)
        if took is None:
            raise NotAPattern(_HINT.removeprefix("："))
        slowest = max(slowest, took)
    return slowest


def _seconds(read: Callable[..., object], text: str) -> float | None:
    began = time.process_time()
    try:
        read(text, timeout=_GIVEN)
    except (TimeoutError, MemoryError):
        return None
    return max(time.process_time() - began, 1e-9)


def _probes(parts: Parts) -> Iterator[Probe]:
    """Texts that go in at each of its repetitions and fail to come out, and the same where they need not fail."""
    for character in _characters(parts):
        for full in (True, False):
            sample = _Sample(character, full=full)
            for before, again, after in sample.repetitions(parts, "", ""):
                for end in _ENDS:
                    yield Probe(before, again, end + after)
                    yield Probe(after + end + before, again, end)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Writes texts that match, with one character wherever it fits; `full` with what is optional."""

    character: str
    full: bool

    def of(self, parts: Parts) -> str:
        """A text that the parts take."""
        return "".join(self._of(str(kind), what) for kind, what in parts)[:TEXT_MOST]

    def repetitions(self, parts: Parts, before: str, after: str) -> Iterator[tuple[str, str, str]]:
        """For each repetition: what leads to it, what it repeats, what has to follow."""
        for place, (kind, what) in enumerate(parts):
            left, right = before + self.of(parts[:place]), self.of(parts[place + 1 :]) + after
            for within in inner(str(kind), what):
                if str(kind).endswith("_REPEAT") and (again := self.of(within)):
                    yield left, again, right
                yield from self.repetitions(within, left, right)

    def _of(self, kind: str, what: Any) -> str:  # noqa: ANN401 - what stands there depends on the kind
        within = inner(kind, what)
        match kind:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                candidates = [self.character, *_CHARACTERS, *_named(kind, what), *map(chr, range(32, 127))]
                return next((each for each in candidates if _takes(kind, what, each)), "")
            case "BRANCH":
                return max(map(self.of, within), key=lambda text: text.startswith(self.character))
            case "ASSERT" | "ASSERT_NOT":
                return ""
        once = self.of(within[0]) if within else ""
        return once * min(TEXT_MOST, max(what[0], int(self.full))) if kind.endswith("_REPEAT") else once


def _characters(parts: Parts) -> Sequence[str]:
    """Those that tell the pattern's parts from each other: some that are usual, and those that it names."""
    return tuple(islice(dict.fromkeys([*_all_named(parts), *_CHARACTERS]), _MOST_CHARACTERS))


def _pairs(parts: Parts) -> set[str]:
    """Two characters that it names in a row."""
    found = {chr(one[1]) + chr(two[1]) for one, two in pairwise(parts) if str(one[0]) == str(two[0]) == "LITERAL"}
    return found.union(*(_pairs(within) for kind, what in parts for within in inner(str(kind), what)))


def _all_named(parts: Parts) -> Iterator[str]:
    for kind, what in parts:
        yield from _named(str(kind), what)
        for within in inner(str(kind), what):
            yield from _all_named(within)


def _named(kind: str, what: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    match kind:
        case "LITERAL":
            yield chr(what)
        case "RANGE":
            yield chr(what[0])
        case "IN":
            for each, inside in what:
                yield from _named(str(each), inside)


def _takes(kind: str, what: Any, character: str) -> bool:  # noqa: ANN401, PLR0911 - a line for each kind
    """Whether a part takes this character."""
    match kind:
        case "LITERAL":
            return ord(character) == int(what)
        case "NOT_LITERAL":
            return ord(character) != int(what)
        case "ANY":
            return character != "\n"
        case "RANGE":
            return bool(what[0] <= ord(character) <= what[1])
        case "CATEGORY":
            name = str(what).removeprefix("CATEGORY_")
            return _CATEGORIES[name.removeprefix("NOT_")](character) != name.startswith("NOT_")
        case "IN":
            negated = str(what[0][0]) == "NEGATE"
            return negated != any(_takes(str(each), inside, character) for each, inside in what)
        case _:
            return False
