"""What a process was allowed ahead (token bucket of its own): it is counted already, and good for a moment."""

_GOOD_FOR = 1.0  # seconds


class Stock:
    """Leaves to do one thing, so many as were used in the last moment: who does it seldom holds none."""

    def __init__(self) -> None:
        self._left: list[int] = []  # each leaves it in one step, for all threads
        self._until, self._count = 0.0, 0

    def take(self, now: float) -> bool:
        """Whether there was one."""
        try:
            return now < self._until and bool(self._left.pop())
        except IndexError:
            return False

    def wanted(self, now: float, most: int) -> int:
        """How many to ask for now that there is none: twice as many where they were used up while they were good."""
        count = 2 * self._count if now < self._until else self._count - len(self._left)
        return max(1, min(most, count))

    def fill(self, now: float, count: int) -> None:
        """So many were counted, of which one is used at once."""
        self._left = [1] * (count - 1)
        self._until, self._count = now + _GOOD_FOR, count

    def empty(self) -> None:
        """What is left must not be used."""
        self._left.clear()
