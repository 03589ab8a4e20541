"""The index file: SQLite, shared by every process, thread and greenlet of this machine, and never precious.

Each use takes a connection of its own. A connection belongs to the file it was opened on: when the file was deleted or
replaced meanwhile, the next use opens the new one. Writers wait without blocking the other greenlets.
"""

import fcntl
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

from wecom_bot import private
from wecom_bot.errors import TemporaryFailure

RECIPE = 5
"""Raise it when the tables or what stands in them change: a file of another recipe is thrown away."""

_SCHEMA = f"""
PRAGMA journal_mode = WAL;
CREATE TABLE tenant (
    number INTEGER PRIMARY KEY, corp_id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL
);
CREATE TABLE article (
    tenant INTEGER NOT NULL, number INTEGER NOT NULL, article_id TEXT NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, attachments TEXT NOT NULL, careful INTEGER NOT NULL, valid_until REAL,
    answer_tokens TEXT NOT NULL, PRIMARY KEY (tenant, number), UNIQUE (tenant, article_id)
) WITHOUT ROWID;
CREATE TABLE validity (
    tenant INTEGER NOT NULL, number INTEGER NOT NULL, valid_from REAL, valid_until REAL, PRIMARY KEY (tenant, number)
) WITHOUT ROWID;
CREATE TABLE phrasing (
    tenant INTEGER NOT NULL, article INTEGER NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL,
    sameness TEXT NOT NULL, tokens TEXT NOT NULL, mass REAL NOT NULL, PRIMARY KEY (tenant, article, place)
) WITHOUT ROWID;
CREATE INDEX phrasing_sameness ON phrasing (tenant, sameness);
CREATE TABLE vector (
    tenant INTEGER NOT NULL, key BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (tenant, key)
) WITHOUT ROWID;
PRAGMA user_version = {RECIPE};
"""
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_PRIMARY = 0xFF  # the rest of an error code only says where
_MOST_IDLE = 8
_PAUSE = timedelta(milliseconds=10)


class IndexBroken(Exception):
    """The file cannot be read. `inode` says which file it was."""

    def __init__(self, message: str, inode: int) -> None:
        super().__init__(message)
        self.inode = inode


class IndexBusy(TemporaryFailure):
    """Another writer took too long."""


@dataclass(slots=True)
class IndexFile:
    """Lends connections to the file at `path`, which is made when it is missing."""

    path: Path
    _idle: deque[tuple[int, sqlite3.Connection]] = field(default_factory=deque)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file throughout. Raises IndexBroken."""
        with self._lent() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def writing(self, patience: timedelta) -> Iterator[sqlite3.Connection]:
        """The only connection that may write; kept at the end, or undone by an error. Raises IndexBusy, IndexBroken."""
        with self._lent() as connection:
            _begin(connection, monotonic() + patience.total_seconds())
            yield connection
            connection.execute("COMMIT")

    def discard(self, inode: int) -> None:
        """Delete a broken file, unless somebody has replaced it already."""
        with self._locked():
            if _inode(self.path) == inode:
                self._remove()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        inode, connection = self._open()
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != RECIPE:
                raise IndexBroken("made by another version", inode)
            yield connection
        except sqlite3.DatabaseError as e:
            if _is_broken(e):
                raise IndexBroken(str(e), inode) from e
            raise
        finally:
            self._give_back(inode, connection)

    def _open(self) -> tuple[int, sqlite3.Connection]:
        while True:
            inode = _inode(self.path) or self._create()
            if connection := self._take(inode):
                return inode, connection
            private.close(*self._files())
            connection = sqlite3.connect(self.path, timeout=0.2, isolation_level=None, check_same_thread=False)
            with suppress(sqlite3.DatabaseError):  # the first read opens the log, by name; errors come again, in place
                connection.execute("SELECT count(*) FROM tenant").fetchone()
                connection.execute("PRAGMA synchronous = NORMAL")  # no wait for the disk: a lost end is written again
            if _inode(self.path) == inode:
                return inode, connection
            connection.close()  # replaced meanwhile: it may have taken the one file with the other's log

    def _take(self, inode: int) -> sqlite3.Connection | None:
        """A connection that lies idle, if it still is one to the file that now has the name."""
        with suppress(IndexError):
            while True:
                opened_on, connection = self._idle.pop()
                if opened_on == inode:
                    return connection
                connection.close()
        return None

    def _give_back(self, inode: int, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:  # its file is broken or gone
            connection.close()
            return
        self._idle.append((inode, connection))
        if len(self._idle) > _MOST_IDLE:
            with suppress(IndexError):  # another thread may have taken them meanwhile
                self._idle.popleft()[1].close()

    def _create(self) -> int:
        """Made apart and put in its place whole, so that nobody ever sees a file without its tables."""
        with self._locked():
            if inode := _inode(self.path):
                return inode  # somebody was quicker
            self._remove()  # a log that is left of a file that is gone
            apart = self.path.with_name(self.path.name + ".new")
            apart.unlink(missing_ok=True)
            private.prepare(apart)
            connection = sqlite3.connect(apart)
            connection.executescript(_SCHEMA)
            connection.close()
            apart.replace(self.path)
            return self.path.stat().st_ino

    def _remove(self) -> None:
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> tuple[Path, ...]:
        return tuple(self.path.with_name(self.path.name + suffix) for suffix in ("", "-wal", "-shm"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among all processes and threads; for the few milliseconds in which the file comes or goes."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with private.append(self.path.with_name(self.path.name + ".lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _begin(connection: sqlite3.Connection, deadline: float) -> None:
    """Not left to SQLite's own waiting, which would stop every greenlet of this process."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as e:
                if e.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                    raise
                if monotonic() >= deadline:
                    raise IndexBusy(str(e)) from e
                sleep(_PAUSE.total_seconds())
            else:
                return
    finally:
        connection.execute("PRAGMA busy_timeout = 200")


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    return error.sqlite_errorcode & _PRIMARY in _BROKEN or "no such table" in str(error)
