"""Who was answered too late, held against when we said that we have the message: pure counting, to be tested itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tests.load.tally import Asked, Customer

Shown = Mapping[Customer, Mapping[int, float]]
"""When each customer first saw the answer to each number."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time without that on which everything stands: nobody can be answered in it, and nobody is late for it."""

    began: float
    ended: float

    def within(self, start: float, end: float) -> float:
        """Seconds of it between two moments."""
        return max(0.0, min(self.ended, end) - max(self.began, start))


@dataclass(frozen=True, slots=True)
class Punctuality:
    """The waits of all that were acknowledged and answered, without the spells; when those were that were too long.

    `excused` had more to hear than one word of a customer allows, and had to write again.
    """

    late: tuple[float, ...] = ()
    longest: float = 0.0
    excused: int = 0


def punctuality(
    asked: Mapping[Customer, Sequence[Asked]],
    shown: Shown,
    deadline: float,
    spells: Sequence[Spell] = (),
    excused: Collection[tuple[Customer, int]] = (),
) -> Punctuality:
    """Count it. What was never acknowledged, or never shown, is the tally's to tell."""
    waits = [
        (each.known, waited(each.known, shown[who][each.number], spells))
        for who, mine in asked.items()
        for each in mine
        if each.known < inf and each.number in shown.get(who, {}) and (who, each.number) not in excused
    ]
    late = sorted(known for known, wait in waits if wait > deadline)
    return Punctuality(tuple(late), max((wait for _, wait in waits), default=0.0), len(excused))


def waited(known: float, seen: float, spells: Sequence[Spell] = ()) -> float:
    """Seconds from our word to the sight of the answer, without the spells."""
    return max(0.0, seen - known - sum(spell.within(known, seen) for spell in spells))
