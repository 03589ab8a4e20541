"""What a text is like, by meaning: the closer a phrase, the more it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.phrase_vectors import PhraseVectors
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_STEEPNESS = 20  # a phrase that is .1 closer counts e² times as much
_REMEMBERED = 1024  # lists of phrases, two for each wish of a tenant with phrases of its own


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

    def share(self, text: str, these: tuple[str, ...], those: tuple[str, ...]) -> float | None:
        import numpy as np  # noqa: PLC0415 - comes with the model's runtime

        near, far = (_vectors(self.embedder, each).rows for each in (these, those))
        if near is None or far is None:
            return None
        try:
            vector = self.embedder.question(text)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, exact words still count
            log.warning("meaning.failed", error=type(e).__name__)
            return None
        if not vector.any():
            return None
        with_these, with_those = (float(np.exp(_STEEPNESS * (rows @ vector)).sum()) for rows in (near, far))
        return with_these / (with_these + with_those)


@lru_cache(maxsize=_REMEMBERED)
def _vectors(embedder: Embedder, phrases: tuple[str, ...]) -> PhraseVectors:
    return PhraseVectors(embedder, phrases)
