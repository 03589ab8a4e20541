"""The vectors of phrases that change seldom: made in the background, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

from wecom_bot.adapters.search.embedding import SIZE, Embedder
from wecom_bot.telemetry import logs

if TYPE_CHECKING:
    from wecom_bot.adapters.search.embedding import Vector

log = logs.get(__name__)


@dataclass(slots=True)
class PhraseVectors:
    """A row for each phrase, in order; None until all are made, and for good where the model fails."""

    embedder: Embedder
    phrases: Sequence[str]
    rows: "Vector | None" = None  # (phrases, 512)
    _thread: Thread = field(init=False)
    _waited: bool = False

    def __post_init__(self) -> None:
        self._thread = Thread(target=self._make, name="phrases", daemon=True)
        self._thread.start()

    def wait(self, most: timedelta | None = None) -> None:
        """Give the making a moment, or all its time; who comes after waits no more."""
        if self.rows is None and not self._waited:
            self._thread.join(most.total_seconds() if most else None)
            self._waited = True

    def _make(self) -> None:
        import numpy as np  # noqa: PLC0415 - comes with the model's runtime

        try:
            self.rows = np.array([self.embedder.question(each) for each in self.phrases], np.float32).reshape(-1, SIZE)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, the words answer
            log.warning("meaning.failed", error=type(e).__name__)
