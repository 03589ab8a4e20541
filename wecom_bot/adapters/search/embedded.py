"""Article search with nothing but SQLite: for one machine, and up to some 20,000 questions a tenant."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TypeVar

from wecom_bot.adapters.search import tenant_index
from wecom_bot.adapters.search.index_file import IndexBroken, IndexFile
from wecom_bot.adapters.search.tenant_index import Stamp, TenantIndex
from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure, TookTooLong
from wecom_bot.ports import Articles
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_PATIENCE = timedelta(seconds=5)  # for another process that writes

Found = TypeVar("Found")


@dataclass(slots=True)
class _Watch:
    """What this process knows of one tenant: when to look again, and whether it has proved what the file holds."""

    lock: Lock = field(default_factory=Lock)
    due: float = 0.0
    proved: bool = False


@dataclass(slots=True)
class EmbeddedSearch:
    """Follows the articles: at most every `recheck` it asks for a tenant's revision, and indexes what changed.

    The file at `path` may be shared, deleted or damaged at any time; what is missing is written again. While the
    articles cannot be read, what was indexed last still answers.
    """

    path: Path
    articles: Articles
    recheck: timedelta = timedelta(seconds=1)
    _file: IndexFile = field(init=False)
    _watches: dict[CorpId, _Watch] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._file = IndexFile(self.path)

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        return self._ask(corp_id, lambda index: index.search(query, limit)) if limit > 0 else ()

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        return self._ask(corp_id, lambda index: index.get(article_id))

    def _ask(self, corp_id: CorpId, ask: Callable[[TenantIndex], Found]) -> Found:
        """The answer of a current index; if there is none, or it is broken, it is written first."""
        for last in (False, True):
            try:
                self._follow(corp_id, must=last)
                with self._file.reading() as connection:
                    if index := TenantIndex.of(connection, corp_id):
                        return ask(index)
            except IndexBroken as e:
                log.warning("index.broken", corp_id=corp_id, error=str(e))
                if last:
                    raise TemporaryFailure(f"the search index is broken, and again when rebuilt: {e}") from e
                self._file.discard(e.inode)
            except (sqlite3.Error, OSError) as e:  # no space, no permission
                raise TemporaryFailure(f"the search index cannot be used: {e}") from e
        raise TemporaryFailure(f"the articles of {corp_id} were not indexed yet")

    def _follow(self, corp_id: CorpId, *, must: bool) -> None:
        """Bring the index up to date if it is time to; with `must` now, and failing to is an error."""
        watch = self._watches.setdefault(corp_id, _Watch())
        if not must and (monotonic() < watch.due or not watch.lock.acquire(blocking=False)):
            return  # it is fresh enough, or somebody is at it already
        if must:
            watch.lock.acquire()
        try:
            self._update(corp_id, watch)
        except TemporaryFailure as e:
            if must or isinstance(e, TookTooLong):  # our caller's deadline is not ours to ignore
                raise
            log.warning("index.stale", corp_id=corp_id, error=str(e))
        finally:
            watch.due = monotonic() + self.recheck.total_seconds()
            watch.lock.release()

    def _update(self, corp_id: CorpId, watch: _Watch) -> None:
        revision = self.articles.revision(corp_id)  # before the articles: if they change between, we look again
        with self._file.reading() as connection:
            held = tenant_index.stamp(connection, corp_id)
        if held and watch.proved and held.revision == revision:
            return
        articles = self.articles.load(corp_id)
        wanted = Stamp(revision, _digest(articles))
        if held != wanted:
            self._write(corp_id, articles, held, wanted)
        watch.proved = True

    def _write(self, corp_id: CorpId, articles: Sequence[Article], held: Stamp | None, wanted: Stamp) -> None:
        with self._file.writing(_PATIENCE) as connection:
            if tenant_index.stamp(connection, corp_id) != held:
                return  # another process was quicker; if it was wrong, the next look says so
            if held and held.digest == wanted.digest:
                tenant_index.restamp(connection, corp_id, wanted.revision)
            else:
                tenant_index.write(connection, corp_id, articles, wanted)
        log.info("index.written", corp_id=corp_id, revision=wanted.revision, articles=len(articles))


def _digest(articles: Sequence[Article]) -> str:
    """Of what they say: a database that was restored may count its revisions anew."""
    said = "\n".join(repr((each.article_id, each.question, each.similar, each.answer)) for each in articles)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
