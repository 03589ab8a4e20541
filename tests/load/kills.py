"""The sequence of kills: drawn from a seed before the run, so that it can be had again."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from tests.e2e.house import House

_PATIENCE = 60.0


class Victim(Enum):
    """What is killed, with the words that its command line holds."""

    GATEWAY = "gunicorn"
    WORKER = "wecom_bot worker"
    VALKEY = "valkey-server"


@dataclass(frozen=True, slots=True)
class Blow:
    """kill -9 of all processes of a kind, or of one: of the n oldest it is the one whose number `which` leaves."""

    victim: Victim
    which: int | None = None

    def __str__(self) -> str:
        return self.victim.name.lower() + ("" if self.which is None else "/1")


@dataclass(frozen=True, slots=True)
class Moment:
    """Blows that fall together, so many seconds after those before."""

    after: float
    blows: tuple[Blow, ...]


def plan(seed: int, rounds: int, pause: float) -> list[list[Moment]]:
    """In each round every kind dies alone once and two kinds die at once, in any order, at random moments.

    `pause` is how many seconds lie between two moments on average.
    """
    chance = random.Random(seed)  # noqa: S311 - to be had again, not to be secret
    return [_round(chance, pause) for _ in range(rounds)]


def _round(chance: random.Random, pause: float) -> list[Moment]:
    victims: list[Sequence[Victim]] = [[victim] for victim in Victim]
    victims.append(chance.sample([*Victim], 2))
    chance.shuffle(victims)
    return [
        Moment(chance.uniform(0.1, 1.9) * pause, tuple(_blow(chance, victim) for victim in each)) for each in victims
    ]


def _blow(chance: random.Random, victim: Victim) -> Blow:
    one = victim is not Victim.VALKEY and chance.random() < 1 / 2
    return Blow(victim, chance.randrange(1000) if one else None)


@dataclass
class Executioner:
    """Carries a plan out on a house, and counts."""

    house: House
    moments: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    def carry_out(self, moments: Sequence[Moment]) -> None:
        """One round."""
        for moment in moments:
            time.sleep(moment.after)
            for blow in moment.blows:
                self._strike(blow)
            self.moments += 1

    def _strike(self, blow: Blow) -> None:
        """Kill it; if it still lies from the blow before, as soon as it stands again."""
        end = time.monotonic() + _PATIENCE
        while not (struck := self.house.kill(blow.victim.value, blow.which)):
            assert time.monotonic() < end, f"no {blow} came back in {_PATIENCE:g} s to be killed again"
            time.sleep(0.02)
        self.killed[blow.victim.name.lower()] += struck
