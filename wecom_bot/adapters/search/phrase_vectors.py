"""The vectors of phrases that change seldom: made in the background, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock, Thread
from typing import TYPE_CHECKING

from wecom_bot.adapters.search.embedding import SIZE, Embedder
from wecom_bot.telemetry import logs

if TYPE_CHECKING:
    from wecom_bot.adapters.search.embedding import Vector

log = logs.get(__name__)

_ONE_BY_ONE = Lock()
"""A customer's question waits for one text of one list, however many lists there are."""


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
        """Give the making all its time, or a moment, after which nobody waits that moment again."""
        if most is None:
            self._thread.join()
        elif self.rows is None and not self._waited:
            self._thread.join(most.total_seconds())
            self._waited = True

    def _make(self) -> None:
        import numpy as np  # noqa: PLC0415 - comes with the model's runtime

        try:
            with _ONE_BY_ONE:
                rows = [self.embedder.question(each) for each in self.phrases]
            self.rows = np.array(rows, np.float32).reshape(-1, SIZE)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, the words answer
            log.warning("meaning.failed", error=type(e).__name__)
