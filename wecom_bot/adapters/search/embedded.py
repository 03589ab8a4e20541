"""Article search with nothing but SQLite: for one machine, and up to some 20,000 questions a tenant."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import TypeVar

from wecom_bot.adapters.search import index_rows, tenant_index
from wecom_bot.adapters.search.background import Background
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.index_file import IndexBroken, IndexFile
from wecom_bot.adapters.search.meanings import Meanings
from wecom_bot.adapters.search.pace import unhurried
from wecom_bot.adapters.search.tenant_index import IndexContent, Stamp, TenantIndex
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import Article, KnowledgeState, Passage, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Articles, Clock
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_PATIENCE = timedelta(seconds=5)  # for another process that writes
_FIRST_LOOK = timedelta(seconds=1)  # for what changed while nobody looked; the articles may hang
_FORGET = timedelta(minutes=10)  # after the last question: its next one is a first one again

Found = TypeVar("Found")


@dataclass(slots=True)
class _Watch:
    """What this process knows of one tenant that is asked for: when, and whether it proved what the file holds.

    `content` is what the file held when it was last looked into; None while that is not known.
    """

    asked_at: float = 0.0
    content: IndexContent | None = None
    due: float = 0.0
    looked: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    proved: bool = False
    stale: bool = False

    def note(self, digest: str) -> None:
        """The file holds articles of this digest: whoever searches next looks into it, if they are other ones."""
        if self.content and self.content.digest != digest:
            self.content = None


@dataclass(slots=True)
class EmbeddedSearch:
    """Answers from the index file; what changed is asked for and indexed in the background, every `recheck`.

    So no customer waits for the articles, hanging or away, except at the very first question of a tenant that was
    never indexed. With an `embedder` meaning counts beside the words, once all that the tenant wrote is embedded.
    The file at `path` may be shared, deleted or damaged at any time; what is missing is written again. `start` (a
    thread, or a greenlet where gevent has patched threads) must happen after a fork.
    """

    path: Path
    articles: Articles
    recheck: timedelta = timedelta(seconds=1)
    embedder: Embedder | None = None
    clock: Clock = field(default_factory=SystemClock)
    _file: IndexFile = field(init=False)
    _meanings: Meanings | None = field(init=False, default=None)
    _watches: dict[CorpId, _Watch] = field(init=False, default_factory=dict)
    _background: Background = field(init=False)

    def __post_init__(self) -> None:
        self._file = IndexFile(self.path)
        self._background = Background("search", self._keep_looking, self.recheck)
        if self.embedder:
            self._meanings = Meanings(self.path, self._file, self.embedder, self.clock)

    def start(self) -> None:
        """Follow the articles of the tenants that are asked for, until `stop`."""
        if self._meanings:
            self._meanings.background.start()
        self._background.start()

    def stop(self) -> None:
        """End the background look."""
        self._background.stop()
        if self._meanings:
            self._meanings.background.stop()

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        if limit <= 0:
            return ()
        if self._meanings is None:
            return self._ask(corp_id, lambda index: index.search(query, limit))
        ranked = self._meanings.ranking(corp_id, query)  # before the file is opened, for the model takes its time
        return self._ask(corp_id, lambda index: index.search(query, limit, ranked(index.digest)))

    def follow(self, corp_id: CorpId) -> None:
        """Keep the tenant's index up to date as if somebody had just asked. Waits for nothing."""
        self._watches.setdefault(corp_id, _Watch()).asked_at = monotonic()

    def prepare(self, corp_id: CorpId) -> None:
        """Index what the tenant wrote, vectors and all, and wait for it: for who measures."""
        self._update(corp_id, self._watched(corp_id))
        if self._meanings:
            self._meanings.prepare(corp_id)

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self._ask(corp_id, lambda index: index.get(article_id))

    def state(self, corp_id: CorpId) -> KnowledgeState | None:
        watch = self._watches.setdefault(corp_id, _Watch())
        watch.asked_at = monotonic()  # it is followed, though nobody may have to search
        content = watch.content
        if content is None:
            return None
        revision = content.at(self.clock.now().timestamp())
        if self._meanings and self._meanings.stands(corp_id, content.digest):
            return KnowledgeState(revision, SearchMode.HYBRID, self._meanings.embedder.identity)
        return KnowledgeState(revision, SearchMode.LEXICAL)

    def _ask(self, corp_id: CorpId, ask: Callable[[TenantIndex], Found]) -> Found:
        """The answer of the index; if there is none, or it is broken, it is written first."""
        watch = self._watched(corp_id)
        for last in (False, True):
            try:
                if last:
                    self._update(corp_id, watch)
                with self._file.reading() as connection:
                    if index := TenantIndex.of(connection, corp_id, self.clock.now().timestamp()):
                        if watch.content is None or watch.content.digest != index.digest:
                            watch.content = IndexContent.of(connection, index.number, index.digest)
                        return ask(index)
            except IndexBroken as e:
                log.warning("index.broken", corp_id=corp_id, error=str(e))
                if last:
                    raise TemporaryFailure(f"the search index is broken, and again when rebuilt: {e}") from e
                self._file.discard(e.inode)
            except (sqlite3.Error, OSError) as e:  # no space, no permission
                raise TemporaryFailure(f"the search index cannot be used: {e}") from e
        raise TemporaryFailure(f"the articles of {corp_id} were not indexed yet")

    def _watched(self, corp_id: CorpId) -> _Watch:
        """The tenant's watch. Who asks first gives the background a moment for what changed before we were there."""
        watch = self._watches.setdefault(corp_id, _Watch())
        watch.asked_at = monotonic()
        if not watch.looked.is_set() and self._background.runs:
            self._background.wake()
            watch.looked.wait(_FIRST_LOOK.total_seconds())
            watch.looked.set()  # nobody waits for it again
        return watch

    def _keep_looking(self) -> None:
        for corp_id, watch in list(self._watches.items()):
            if monotonic() - watch.asked_at > _FORGET.total_seconds():
                self._watches.pop(corp_id)
            elif monotonic() >= watch.due and not self._background.stopping:
                self._look(corp_id, watch)
                watch.due = monotonic() + self.recheck.total_seconds()
                watch.looked.set()

    def _look(self, corp_id: CorpId, watch: _Watch) -> None:
        """Follow one tenant; an outage is said once, however many looks it spoils."""
        try:
            self._update(corp_id, watch)
        except IndexBroken as e:
            log.warning("index.broken", corp_id=corp_id, error=str(e))
            self._file.discard(e.inode)
        except (TemporaryFailure, sqlite3.Error, OSError) as e:
            if not watch.stale:
                log.warning("index.stale", corp_id=corp_id, error=str(e))
            watch.stale = True
        else:
            watch.stale = False

    def _update(self, corp_id: CorpId, watch: _Watch) -> None:
        """Bring the index up to date; one at a time for each tenant."""
        with watch.lock:
            revision = self.articles.revision(corp_id)  # before the articles: if they change between, we look again
            with self._file.reading() as connection:
                held = tenant_index.stamp(connection, corp_id)
            if held and watch.proved and held.revision == revision:
                watch.note(held.digest)  # another process may have written it
                return
            articles = self.articles.load(corp_id)
            wanted = Stamp(revision, _digest(articles))
            if held != wanted:
                self._write(corp_id, articles, held, wanted)
            watch.note(wanted.digest)
            watch.proved = True

    def _write(self, corp_id: CorpId, articles: Sequence[Article], held: Stamp | None, wanted: Stamp) -> None:
        same = held is not None and held.digest == wanted.digest
        rows = () if same else index_rows.prepare(articles)
        with self._file.writing(_PATIENCE) as connection:
            if tenant_index.stamp(connection, corp_id) != held:
                return  # another process was quicker; if it was wrong, the next look says so
            if same:
                tenant_index.restamp(connection, corp_id, wanted.revision)
            else:
                tenant_index.write(connection, corp_id, rows, wanted)
        log.info("index.written", corp_id=corp_id, revision=wanted.revision, articles=len(articles))


def _digest(articles: Sequence[Article]) -> str:
    """Of what they say: a database that was restored may count its revisions anew."""
    digest = hashlib.sha256()
    for each in unhurried(articles):
        shown = (each.attachments, each.careful, each.valid_from, each.valid_until)
        said = repr((each.article_id, each.question, each.similar, each.answer, *shown))
        digest.update(said.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
