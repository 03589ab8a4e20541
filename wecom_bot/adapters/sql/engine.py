"""The way to the database: one engine a process, and the edge where the driver's errors become ours."""

import inspect
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc

from wecom_bot import private
from wecom_bot.adapters.sql import gate
from wecom_bot.adapters.sql.address import EXAMPLES, SETTING, parse
from wecom_bot.errors import ConfigurationError, TemporaryFailure
from wecom_bot.ports import CircuitBreaker

_BEGIN = "wecom_bot_begin"  # execution option: how SQLite shall begin the transaction
_BUSY = timedelta(seconds=5)  # for another process that writes to the SQLite file
_PAUSE = timedelta(milliseconds=10)
_PRIMARY = 0xFF  # the rest of an SQLite error code only says where
_LONGEST_CONNECT = timedelta(seconds=3)
# A server that closes idle connections earlier than this is met by pool_pre_ping
_RECYCLE = timedelta(minutes=30)
_REFUSED = {1044, 1045, 1049, 1251, 1698}  # MySQL: no such user, password, database or way to log in
_UNWRITABLE = {1153, 1292}  # MySQL: a row beyond max_allowed_packet, no instant; PyMySQL has no class for them


def embedded(folder: Path) -> sa.URL:
    """The database that we use when no URL is given: a file in the data folder."""
    return sa.URL.create("sqlite", database=str(folder.absolute() / "wecom-bot.sqlite3"))


def connect(
    url: str | sa.URL,
    pool_size: int = 5,
    patience: timedelta = timedelta(seconds=10),
    breaker: CircuitBreaker | None = None,
) -> sa.Engine:
    """An engine for sqlite:///path or mysql+pymysql://…; nothing is asked of the server yet.

    `patience` ends a wait for an answer of the server (one that hangs looks busy until then), for another writer or
    for a free connection. With a `breaker` a server that does not answer is left alone, by all but one at a time; a
    file is never away. Raises ConfigurationError.
    """
    parsed = parse(url) if isinstance(url, str) else url
    if parsed.drivername == "sqlite":
        return _sqlite(parsed, pool_size, min(patience, _BUSY))
    if parsed.drivername == "mysql+pymysql":
        engine = _mysql(parsed, pool_size, patience)
        if breaker is not None:
            gate.guard(engine, breaker)
        return engine
    raise ConfigurationError(f"{SETTING}: 不支持 {parsed.drivername}，应形如 / should look like {EXAMPLES}")


def _sqlite(url: sa.URL, pool_size: int, patience: timedelta) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(f"{SETTING}: 应指明文件（多个进程共用）/ should name a file, like {EXAMPLES}")
    folder = Path(url.database).absolute().parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise ConfigurationError(f"{SETTING}: 无法创建目录 / cannot make the folder {folder}: {e.strerror}") from e
    engine = sa.create_engine(
        url,
        connect_args={"factory": partial(_PatientConnection, patience=patience, path=Path(url.database))},
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


Done = TypeVar("Done")


class _PatientConnection(sqlite3.Connection):
    """Waits for a locked file between the statements: SQLite's own waiting would stop every greenlet of a process."""

    def __init__(self, *args: Any, patience: timedelta, path: Path, **kwargs: Any) -> None:  # noqa: ANN401 - sqlite3's
        if not kwargs.get("uri"):
            private.prepare(path)  # SQLite gives its log and journals the mode of the file
            private.close(*(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")))
        super().__init__(*args, **kwargs)
        self._patience = patience

    def cursor(self, factory: Any = None) -> Any:  # noqa: ANN401 - as above
        return super().cursor(factory or _Cursor)

    def commit(self) -> None:
        self.patiently(super().commit)

    def patiently(self, step: Callable[[], Done]) -> Done:
        """What the step answers, taken again while the file is locked: a step that is refused so did nothing."""
        end = time.monotonic() + self._patience.total_seconds()
        while True:
            try:
                return step()
            except sqlite3.OperationalError as e:
                if e.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
                time.sleep(_PAUSE.total_seconds())


class _Cursor(sqlite3.Cursor):
    def execute(self, *args: Any) -> "_Cursor":  # noqa: ANN401 - as above
        connection: Any = self.connection
        step: Callable[[], _Cursor] = partial(super().execute, *args)
        answer: _Cursor = connection.patiently(step)
        return answer


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own comes too late for a read
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 0")  # the waiting is _PatientConnection's
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _mysql(url: sa.URL, pool_size: int, patience: timedelta) -> sa.Engine:
    import pymysql  # noqa: PLC0415 - every process of ours asks SQL, and most ask SQLite

    if not url.database:
        raise ConfigurationError(f"{SETTING}: 末尾应是库名 / should end with a database, like {EXAMPLES}")
    seconds = max(1, int(patience.total_seconds()))
    # strict, so that nothing is cut silently
    session = "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"
    url = url.update_query_dict({"charset": "utf8mb4"})
    arguments: dict[str, Any] = {
        "connect_timeout": min(int(_LONGEST_CONNECT.total_seconds()), seconds),
        "read_timeout": seconds,
        "write_timeout": seconds,
        "init_command": session,
    }
    try:
        engine = sa.create_engine(
            url,
            connect_args={name: value for name, value in arguments.items() if name not in url.query},
            hide_parameters=True,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_recycle=int(_RECYCLE.total_seconds()),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=min(5, seconds),
        )
        # An unknown option would otherwise be found by the first query, as a TypeError
        inspect.signature(pymysql.Connection).bind(**engine.dialect.create_connect_args(url)[1])
    except (exc.ArgumentError, TypeError, ValueError) as e:
        raise ConfigurationError(f"{SETTING}: PyMySQL 不认识的选项 / an option that PyMySQL does not take: {e}") from e
    return engine


def ping(engine: sa.Engine) -> None:
    """Return when the database answers. Raises TemporaryFailure."""
    with reading(engine) as connection:
        connection.execute(sa.select(1))


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that changes nothing. Raises TemporaryFailure."""
    with _edge(engine), engine.connect() as connection, _transaction(connection):
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may change something: all of it or nothing. Raises TemporaryFailure.

    SQLite takes its write lock at the beginning: a reader that becomes a writer half way can only fail.
    Do nothing else within: in a worker, whoever yields here keeps all other writers of an SQLite file waiting.
    """
    with _edge(engine), engine.connect() as connection:
        connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        with _transaction(connection):
            yield connection


@contextmanager
def _transaction(connection: sa.Connection) -> Iterator[None]:
    transaction = connection.begin()
    try:
        yield
        transaction.commit()
    except exc.SQLAlchemyError:
        raise  # closing the connection rolls back
    except BaseException:
        # Interrupted, under gevent perhaps half way through an answer: nobody can use this connection again
        connection.invalidate()
        raise


@contextmanager
def _edge(engine: sa.Engine) -> Iterator[None]:
    try:
        with gate.passing(engine):
            yield
    except exc.TimeoutError as e:
        raise TemporaryFailure("SQL: no connection became free in time") from e
    except exc.DBAPIError as e:
        raise TemporaryFailure(f"SQL failed: {_said(e)}") from e


def refused(error: TemporaryFailure) -> str | None:
    """What the server said, if this failure will last until somebody changes the URL or the server's users."""
    cause = error.__cause__
    if isinstance(cause, exc.DBAPIError) and cause.orig is not None and cause.orig.args[:1]:
        if cause.orig.args[0] in _REFUSED:
            return _said(cause)
        if "unable to open database file" in str(cause.orig):
            return _said(cause)
    return None


def unfit(error: Exception) -> bool:
    """Whether the statement failed for what was to be written, so that the same values can never be written."""
    cause = error.__cause__ if isinstance(error, TemporaryFailure) else error
    match cause:
        case exc.DataError() | exc.IntegrityError():
            return True
        case exc.DBAPIError():
            return cause.orig is not None and bool(_UNWRITABLE.intersection(cause.orig.args[:1]))
        case _:  # what was raised before anything reached the server
            return isinstance(cause, exc.StatementError | ValueError | ArithmeticError)


def _said(error: exc.DBAPIError) -> str:
    """The driver's words, but only where they cannot quote a row: that might be a customer's."""
    kind = type(error.orig).__name__
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        return f"{kind}: {error.orig}"
    number = error.orig.args[0] if error.orig is not None and error.orig.args[:1] else ""
    return f"{kind} {number if isinstance(number, int) else ''}".rstrip()
