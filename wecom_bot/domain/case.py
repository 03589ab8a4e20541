"""A conversation with the bot, and what must come of its last turn: for who measures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """What a customer says, turn by turn, and what the last reply must hold (`want`, each "a|b" either) and must not.

    `handoff`, `missed`: whether that turn calls a human and counts as a miss; None where either will do. Texts may hold
    {order} for the number of an order of the customer's own, and {order:4 4 4} for it written in another way. `where`
    it was written is for who has to correct it.
    """

    where: str
    case_id: str
    kind: str
    said: tuple[str, ...]
    want: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    handoff: bool | None = None
    missed: bool | None = None
    note: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Whatever of it may hold a number."""
        return (*self.said, *self.want, *self.never)
