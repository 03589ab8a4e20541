"""What a text is like, by meaning: the closer a phrase, the more it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.phrase_vectors import PhraseVectors
from wecom_bot.ports.mind import Lists
from wecom_bot.telemetry import logs

if TYPE_CHECKING:
    from wecom_bot.adapters.search.embedding import Vector

log = logs.get(__name__)

_STEEPNESS = 20  # a phrase that is .1 closer counts e² times as much
_REMEMBERED = 8192  # lists of phrases: ours, and up to eight a tenant with phrases of its own


@dataclass(frozen=True, slots=True)
class PhraseLikeness:
    """The share of the sum of exp(20 cos) that is with these phrases; nobody waits for phrases not embedded yet."""

    embedder: Embedder

    def learn(self, lists: Iterable[tuple[str, ...]]) -> None:
        """Begin to embed lists that will be asked for."""
        for each in lists:
            _vectors(self.embedder, each)

    def prepare(self, lists: Iterable[tuple[str, ...]]) -> None:
        """Embed them, and wait for it: for who measures."""
        for each in lists:
            _vectors(self.embedder, each).wait()

    def knows(self, lists: Lists) -> bool:
        return all(_vectors(self.embedder, each).rows is not None for each in lists if each)

    def share(self, text: str, these: Lists, those: Lists) -> float | None:
        near, far = ([_vectors(self.embedder, each).rows for each in lists if each] for lists in (these, those))
        rows = [each for each in (*near, *far) if each is not None]
        if len(rows) < len(near) + len(far):
            return None
        try:
            vector = self.embedder.question(text)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, exact words still count
            log.warning("meaning.failed", error=type(e).__name__)
            return None
        if not vector.any():
            return None
        sums = [_sum(each, vector) for each in rows]
        whole = sum(sums)
        return sum(sums[: len(near)]) / whole if whole else None


def _sum(rows: "Vector", vector: "Vector") -> float:
    import numpy as np  # noqa: PLC0415 - comes with the model's runtime

    return float(np.exp(_STEEPNESS * (rows @ vector)).sum())


@lru_cache(maxsize=_REMEMBERED)
def _vectors(embedder: Embedder, phrases: tuple[str, ...]) -> PhraseVectors:
    return PhraseVectors(embedder, phrases)
