"""How a pool of connections is used: what its metrics are made of."""

from typing import NamedTuple


class Usage(NamedTuple):
    """Connections in use now, and the most there may be, or are kept; since the start: waits for one, and failures."""

    in_use: int
    most: int
    waited: int
    failed: int

    def __add__(self, other: "Usage") -> "Usage":  # type: ignore[override] # of several pools, not one after the other
        return Usage(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Usage(0, 0, 0, 0)
