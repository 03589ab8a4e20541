"""A deadline on the monotonic clock."""

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which a whole call, repeats included, must have ended."""

    end: float

    @classmethod
    def after(cls, span: timedelta) -> "Deadline":
        """The one that ends `span` from now."""
        return cls(monotonic() + span.total_seconds())

    @property
    def left(self) -> float:
        """Seconds until then, at least 0."""
        return max(0.0, self.end - monotonic())
