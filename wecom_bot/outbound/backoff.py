"""Exponential backoff with jitter: how long to leave alone what has failed.

Calculation alone, for every floor: who waits, and how, is the caller's to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import random

_DOUBLINGS = 20  # more would be past any longest wait of ours, and one day past what a timedelta holds


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with jitter: the first wait, doubled with every further failure in a row, up to the longest.

    The share `jitter` of each wait is left to chance, so that those who failed together do not come back together;
    0 where only one of all our processes waits. `chance` draws from 0 to 1.
    """

    first: timedelta
    longest: timedelta
    jitter: float = 0.5
    chance: Callable[[], float] = random

    def after(self, failures: int) -> timedelta:
        """The wait after so many failures in a row, counted from 1."""
        most = min(self.longest, self.first * (1 << min(failures - 1, _DOUBLINGS)))
        return most * (1 - self.jitter * self.chance())


def scattered(wait: timedelta, beyond: timedelta, chance: Callable[[], float] = random) -> timedelta:
    """Jitter on top of a wait that somebody asked for: never earlier, and by chance up to `beyond` later."""
    return wait + beyond * chance()
