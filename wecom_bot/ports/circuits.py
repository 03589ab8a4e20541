"""Circuit breakers: which neighbours are asked at present, and which are left alone because they failed."""

from collections.abc import Mapping
from typing import Protocol

from wecom_bot.outbound.circuit import Circuit, CircuitState, Trip


class Circuits(Protocol):
    """Circuit breakers as stages, metrics and operators may read them. Raises nothing."""

    def state(self, circuit: Circuit) -> CircuitState:
        """Where it stands: closed, open (calls are refused), or half-open (one call goes ahead as the probe)."""

    def states(self) -> Mapping[Circuit, CircuitState]:
        """All that are not closed."""


class CircuitBreaker(Circuits, Protocol):
    """Circuit breakers as those who call a neighbour use them. Raises nothing but what is said."""

    def admit(self, *circuits: Circuit) -> None:
        """Return if a call that touches all of these may be made, which makes it the probe of the half-open ones.

        Raises CircuitOpen, for the first that is open or waits for its probe. A probe that is never heard of is given
        up after the time to cool down, and another call goes ahead.
        """

    def succeeded(self, *circuits: Circuit) -> bool:
        """It answered: they are closed; whether one of them was not."""

    def failed(self, circuit: Circuit, trip: Trip, why: str = "", code: int | None = None) -> bool:
        """It failed; whether this opened the circuit. A probe that failed opens it again, and so does any late failure.

        Who is refused from now on is told `why` and `code`.
        """

    def undecided(self, *circuits: Circuit) -> None:
        """The call told nothing about these: was it their probe, then another one may go ahead."""
