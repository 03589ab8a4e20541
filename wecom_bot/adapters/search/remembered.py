"""What was read of the index lately, in memory: most questions are made of words that were asked before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class Remembered(Generic[Key, Value]):
    """By the digest of all that a tenant wrote, so that it can never be out of date. When it is full all is forgotten.

    `weigh` says how much of `most` each value takes.
    """

    most: int
    weigh: Callable[[Value], int] = lambda _: 1
    _known: dict[str, dict[Key, Value]] = field(default_factory=dict)
    _held: int = 0

    def unknown(self, digest: str, keys: Sequence[Key]) -> list[Key]:
        """Those that `get` would have read."""
        known = self._known.get(digest, {})
        return [key for key in keys if key not in known]

    def get(
        self, digest: str, keys: Sequence[Key], read: Callable[[Sequence[Key]], Mapping[Key, Value]]
    ) -> dict[Key, Value]:
        """The values of these keys, in their order; `read` gives those that are not known."""
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = {}
        if unknown := [key for key in keys if key not in known]:
            fresh = read(unknown)
            known.update(fresh)
            self._held += sum(map(self.weigh, fresh.values()))
        found = {key: known[key] for key in keys}
        if self._held > self.most:
            self._known.clear()
            self._held = 0
        return found
