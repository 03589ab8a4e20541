"""The meaning of what tenants wrote, made in the background: no customer waits for it, the words answer meanwhile."""

import fcntl
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

from wecom_bot import private
from wecom_bot.adapters.search import tenant_index
from wecom_bot.adapters.search.background import Background
from wecom_bot.adapters.search.confidence import Ranked
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.index_file import IndexFile
from wecom_bot.adapters.search.known import KnownArticles
from wecom_bot.adapters.search.meaning import Digested, Meaning, Texts, digested, pack, unpack
from wecom_bot.adapters.search.pace import unhurried
from wecom_bot.adapters.search.validity import Validity
from wecom_bot.adapters.search.word_index import WordIndex
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Clock
from wecom_bot.telemetry import logs

if TYPE_CHECKING:
    from wecom_bot.adapters.search.embedding import Vector

log = logs.get(__name__)

_BATCH = 256  # vectors that are written at once
_PATIENCE = timedelta(seconds=5)  # for another process that writes
_AGAIN = timedelta(seconds=1)  # after what failed
_PAUSE = timedelta(milliseconds=50)  # while another process embeds
_FIRST_LOOK = timedelta(seconds=1)  # for vectors that only have to be read
_FORGET = timedelta(minutes=10)  # after the last question


@dataclass(slots=True)
class _Held:
    """What this process has of a tenant, and which articles it should be of."""

    wanted: str = ""
    asked_at: float = 0.0
    known: KnownArticles | None = None
    looked: Event = field(default_factory=Event)


@dataclass(slots=True)
class Meanings:
    """The vectors of the index file's articles. Several processes share them; one at a time embeds what is new.

    Without the `background` started, `prepare` does the same at once.
    """

    path: Path
    file: IndexFile
    embedder: Embedder
    clock: Clock
    background: Background = field(init=False)
    """Keeps up with what is asked for."""
    _held: dict[CorpId, _Held] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.background = Background("meanings", self._keep_up, _FORGET)

    def ranking(self, corp_id: CorpId, query: str) -> Callable[[str], list[Ranked] | None]:
        """The likeliest of the articles of a digest; None until all their vectors are there."""
        held = self._held.setdefault(corp_id, _Held())
        held.asked_at = monotonic()
        if self.background.runs and not held.looked.is_set():  # who asks first gives it a moment
            self.background.wake()
            held.looked.wait(_FIRST_LOOK.total_seconds())
            held.looked.set()  # nobody waits for it again
        known = held.known
        ranked = self._ranked(known, query) if known else None

        def of(digest: str) -> list[Ranked] | None:
            held.wanted = digest
            if known is None or known.digest != digest:
                self.background.wake()
                return None
            return ranked

        return of

    def stands(self, corp_id: CorpId, digest: str) -> bool:
        """Whether articles of this digest are ranked by meaning; who asks keeps the tenant's vectors in memory."""
        held = self._held.get(corp_id)
        if held is None or held.known is None or held.known.digest != digest:
            return False
        held.asked_at = monotonic()
        return True

    def _ranked(self, known: KnownArticles, query: str) -> list[Ranked] | None:
        try:
            vector = self.embedder.question(query)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, the words answer
            log.warning("meaning.failed", error=type(e).__name__)
            return None
        return known.rank(query, vector, self.clock.now()) if vector.any() else None

    def prepare(self, corp_id: CorpId) -> None:
        """Bring what is held of the tenant up to date, and wait for it. Raises what file and model do."""
        held = self._held.setdefault(corp_id, _Held(asked_at=monotonic()))
        held.known = self._made(corp_id)

    def _keep_up(self) -> None:
        for corp_id, held in list(self._held.items()):
            if monotonic() - held.asked_at > _FORGET.total_seconds():
                self._held.pop(corp_id)
            elif not self.background.stopping and (held.known is None or held.known.digest != held.wanted):
                self._try(corp_id, held)

    def _try(self, corp_id: CorpId, held: _Held) -> None:
        try:
            self.prepare(corp_id)
        except Exception as e:  # noqa: BLE001 - the words answer, whatever ails the model or the file, and this goes on
            log.warning("meaning.failed", corp_id=corp_id, error=type(e).__name__)
            sleep(_AGAIN.total_seconds())
            self.background.wake()
        finally:
            held.looked.set()

    def _made(self, corp_id: CorpId) -> KnownArticles | None:
        """Words and meaning of what the file holds now; None if the tenant has no articles there."""
        with self._alone():
            with self.file.reading() as connection:
                stamp, tenant = tenant_index.stamp(connection, corp_id), tenant_index.number(connection, corp_id)
                if stamp is None or tenant is None:
                    return None
                texts, words = Texts.of(connection, tenant), WordIndex.of(connection, tenant)
                validity = Validity.of(connection, tenant)
                kept = _kept(connection, tenant)
            wanted = list(unhurried(digested(texts, self.embedder.identity)))
            self._embed(corp_id, tenant, wanted, kept)
            self._drop(tenant, kept.keys() - {each.key for each in unhurried(wanted)})
        if not wanted:
            return None
        meaning = Meaning.of(texts, (kept[each.key] for each in wanted))
        return KnownArticles(stamp.digest, meaning, words, validity)

    def _embed(self, corp_id: CorpId, tenant: int, wanted: Sequence[Digested], kept: dict[bytes, "Vector"]) -> None:
        """Add to the file, and to what was kept, all that is wanted and new."""
        began = monotonic()
        new = list({each.key: each for each in unhurried(wanted) if each.key not in kept}.values())
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            vectors = self.embedder.all([each.cut() for each in batch])
            packed = [(each.key, pack(vector)) for each, vector in zip(batch, vectors, strict=True)]
            with self.file.writing(_PATIENCE) as connection:
                for each in unhurried(packed):
                    connection.execute("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", (tenant, *each))
            kept.update((key, unpack(vector)) for key, vector in packed)
        if new:
            log.info("meaning.made", corp_id=corp_id, texts=len(new), took=round(monotonic() - began, 3))

    def _drop(self, tenant: int, keys: Collection[bytes]) -> None:
        """Forget the vectors of what is no longer said, or of another model."""
        if keys:
            with self.file.writing(_PATIENCE) as connection:
                for key in unhurried(keys):
                    connection.execute("DELETE FROM vector WHERE tenant = ? AND key = ?", (tenant, key))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process of this machine embeds: the others find its work done."""
        with private.append(self.path.with_name(self.path.name + ".meaning.lock")) as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    sleep(_PAUSE.total_seconds())
                else:
                    break
            yield


def _kept(connection: sqlite3.Connection, tenant: int) -> dict[bytes, "Vector"]:
    rows = connection.execute("SELECT key, vector FROM vector WHERE tenant = ?", (tenant,))
    return {key: unpack(packed) for key, packed in unhurried(rows)}
