"""What makes a pattern slow, seen in its shape: many ways to read the same characters.

For each word the pattern is a graph (Glushkov's automaton, with an edge for each way): where its repetition can be
read in two ways the steps double with every character; where several repetitions of it follow each other they grow with
a power of the text's length.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from wecom_bot.domain.pattern import NotAPattern, Parts, inner

_MANY = 8  # times: from here on a repetition counts as one without end
_WRITTEN_OUT = 2  # copies of a repetition that may be left out, and of one that may not
_MOST_PLACES = 600
_ENDLESS = 2**31
_MOST_LOOPS = 2  # of one character, one after the other, before something that has to follow
_DOUBLES = "重复里还有重复，同样的字有多种读法 / a repetition within a repetition reads the same text in many ways"
_IN_A_ROW = "相邻的几个重复匹配同样的字 / repetitions in a row take the same characters"

Takes = Callable[[str, Any, str], bool]
Ways = Counter[tuple[int, int]]
"""How many ways there are from one place to the next."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a part of the pattern may begin and end, and whether it may be nothing."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    empty: bool = True


@dataclass(slots=True)
class Graph:
    """The places that take a character, and the ways from one to the next."""

    places: list[tuple[str, Any]] = field(default_factory=list)
    ways: Ways = field(default_factory=Counter)

    def add(self, parts: Parts) -> frozenset[int]:
        """Read the parts; the places at which they may end. Raises NotAPattern if there are too many."""
        return self._sequence(parts).last

    def on(self, word: str, takes: Takes) -> Ways:
        """The ways on which this word, again and again, can be read; a place counts once for each of its characters."""
        size = len(word)
        reads = {
            place * size + phase
            for place, (kind, what) in enumerate(self.places)
            for phase, character in enumerate(word)
            if takes(kind, what, character)
        }
        found: Ways = Counter()
        for (before, after), count in self.ways.items():
            for phase in range(size):
                one, two = before * size + phase, after * size + (phase + 1) % size
                if one in reads and two in reads:
                    found[one, two] = count
        return found

    def _sequence(self, parts: Parts) -> _Piece:
        whole = _Piece()
        for kind, what in parts:
            whole = self._then(whole, self._piece(str(kind), what))
        return whole

    def _piece(self, kind: str, what: Any) -> _Piece:  # noqa: ANN401 - what stands there depends on the kind
        within = inner(kind, what)
        match kind:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return self._place(kind, what)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                return self._repeated(what[0], what[1], within[0])
            case "BRANCH" | "GROUPREF_EXISTS":
                pieces = [self._sequence(each) for each in within]
                return _Piece(
                    frozenset().union(*(each.first for each in pieces)),
                    frozenset().union(*(each.last for each in pieces)),
                    any(each.empty for each in pieces),
                )
            case "ASSERT" | "ASSERT_NOT":
                self._sequence(within[0])  # read on its own
                return _Piece()
            case _:
                return self._sequence(within[0]) if within else _Piece()

    def _place(self, kind: str, what: Any) -> _Piece:  # noqa: ANN401 - as above
        if len(self.places) >= _MOST_PLACES:
            raise NotAPattern("too many repetitions within repetitions")
        self.places.append((kind, what))
        here = frozenset([len(self.places) - 1])
        return _Piece(here, here, empty=False)

    def _repeated(self, least: int, most: int, parts: Parts) -> _Piece:
        once = self._sequence(parts)
        if most >= _MANY and (least != most or once.empty):
            self._join(once, once)
            if once.empty and most < _ENDLESS:  # which of them are nothing?
                self._join(once, once)
            return _Piece(once.first, once.last, once.empty or not least)
        needed, optional = min(least, _WRITTEN_OUT), min(most - least, _WRITTEN_OUT)
        whole = _Piece()
        for number in range(needed + optional):
            again = self._sequence(parts) if number else once
            whole = self._then(whole, _Piece(again.first, again.last, again.empty or number >= needed))
        return whole

    def _then(self, one: _Piece, two: _Piece) -> _Piece:
        self._join(one, two)
        return _Piece(
            one.first | two.first if one.empty else one.first,
            one.last | two.last if two.empty else two.last,
            one.empty and two.empty,
        )

    def _join(self, one: _Piece, two: _Piece) -> None:
        self.ways.update((before, after) for before in one.last for after in two.first)


def doubles(ways: Ways) -> bool:
    """Whether some place comes back to itself in two ways."""
    reach, inside = _reach(ways), Counter[int]()
    for (before, after), count in ways.items():
        if reach[after] >> before & 1:
            inside[before] += count
    return any(count > 1 for count in inside.values())


def loops_in_a_row(ways: Ways, without: Iterable[int] = ()) -> int:
    """Of the repetitions on one way through the pattern, the most; but for those that hold a place of `without`."""
    reach, skipped = _reach(ways), sum(1 << place for place in set(without))
    # all places of a repetition reach the same ones, among them themselves
    loops = {reached: place for place, reached in reach.items() if reached >> place & 1}
    longest: dict[int, int] = {}
    for reached in sorted(loops, key=int.bit_count):  # who reaches less comes later in the pattern
        behind = [longest[other] for other in longest if reached >> loops[other] & 1]
        around = sum(1 << place for place, each in reach.items() if each == reached and each >> place & 1)
        longest[reached] = max(behind, default=0) + (not around & skipped)
    return max(longest.values(), default=0)


def check(parts: Parts, words: Iterable[str], takes: Takes) -> str | None:
    """What is wrong with the shape, if anything is; `takes` tells whether a part takes a character."""
    graph = Graph()
    ends = graph.add(parts)
    if _is_guarded(parts):
        ends = frozenset()
    for word in words:
        ways = graph.on(word, takes)
        if doubles(ways):
            return _DOUBLES
        if (
            loops_in_a_row(ways, {place * len(word) + phase for place in ends for phase in range(len(word))})
            > _MOST_LOOPS
        ):
            return _IN_A_ROW
    return None


def _is_guarded(parts: Parts) -> bool:
    """Whether it may fail although all its characters are there: an anchor, something beside it."""
    kinds = {str(kind) for kind, _ in parts}
    within = [each for kind, what in parts for each in inner(str(kind), what)]
    return bool(kinds & {"AT", "ASSERT", "ASSERT_NOT", "GROUPREF"}) or any(map(_is_guarded, within))


def _reach(ways: Iterable[tuple[int, int]]) -> dict[int, int]:
    """From each place all that can be come to in one step or more, as the bits of a number."""
    after: dict[int, list[int]] = {}
    for one, two in ways:
        after.setdefault(one, []).append(two)
        after.setdefault(two, [])
    found, changed = dict.fromkeys(after, 0), True
    while changed:
        changed = False
        for place in sorted(after, reverse=True):  # most ways lead forward
            reached = found[place]
            for each in after[place]:
                reached |= found[each] | 1 << each
            changed = changed or reached != found[place]
            found[place] = reached
    return found
