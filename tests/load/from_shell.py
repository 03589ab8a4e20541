"""What the commands that hurt a house under load have in common: who writes how much, where, and how it ends."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Protocol


class Crowded(Protocol):
    """Options of a load."""

    @property
    def rate(self) -> float: ...

    @property
    def customers(self) -> int: ...

    @property
    def seed(self) -> int: ...


class Judged(Protocol):
    """How a run went."""

    @property
    def sound(self) -> bool: ...

    def lines(self) -> Sequence[str]:
        """For people."""


def parser_of(about: str | None, fair: Crowded) -> argparse.ArgumentParser:
    """For the load, by default a `fair` one, and the folder."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--rate", type=float, default=fair.rate, help="messages a second, in all")
    parser.add_argument("--customers", type=int, default=fair.customers, help="of each account")
    parser.add_argument("--seed", type=int, default=fair.seed, help="which customers write when")
    parser.add_argument("--folder", type=Path, help="keep data and logs there")
    return parser


def carry_out(folder: Path | None, run: Callable[[Path], Judged]) -> NoReturn:
    """Do it in the folder, or in one for the moment, and say how it went; the exit status is 1 if it is not sound."""
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        outcome = run(place)
    print(*outcome.lines(), sep="\n")
    sys.exit(0 if outcome.sound else 1)
