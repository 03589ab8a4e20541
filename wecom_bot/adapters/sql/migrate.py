"""Brings the schema to what this program needs, or says that it is not there.

Alembic is imported only to change something: every process asks how the schema is, and it takes a twelfth of a start.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from wecom_bot import private
from wecom_bot.adapters.sql.address import HOW_TO_WRITE
from wecom_bot.adapters.sql.engine import connect, reading, refused, writing
from wecom_bot.errors import ConfigurationError, TemporaryFailure

_FOLDER = Path(__file__).parent / "migrations"
VERSIONS = tuple(sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py")))
NEWEST = VERSIONS[-1]
"""The revision that this program needs."""
_STAMP = sa.table("alembic_version", sa.column("version_num", sa.String))
_LONGEST_MIGRATION = timedelta(hours=6)  # a big table may take its time; the others wait


def upgrade(engine: sa.Engine) -> tuple[str, str]:
    """Bring the schema to the newest revision; which it was before (empty for none) and is now.

    Several processes may do this at once: one works, the others wait and find it done.
    Raises ConfigurationError when the schema is newer than this program, TemporaryFailure.
    """
    patient = connect(engine.url, pool_size=2, patience=_LONGEST_MIGRATION)
    try:
        with _refusals_explained(), _alone(patient):
            before = current(patient)
            if before and before not in VERSIONS:
                raise _too_new(before)
            if patient.dialect.name == "sqlite":
                _use_wal(patient)  # a file that was restored has lost it
            if before != NEWEST:
                with writing(patient) as connection:
                    _go_through_the_revisions(connection)
            return before, NEWEST
    finally:
        patient.dispose()


def check(engine: sa.Engine) -> None:
    """Return if the schema is the one that this program needs. Raises ConfigurationError, TemporaryFailure."""
    with _refusals_explained():
        found = current(engine)
    if found == NEWEST:
        return
    if not found:
        raise ConfigurationError(
            "数据库里还没有表，请先执行 / the database has no tables of wecom-bot yet: run `wecom-bot migrate`"
        )
    if found not in VERSIONS:
        raise _too_new(found)
    raise ConfigurationError(
        f"数据库表是旧版 {found}，请先升级 / the database schema is {found} and this program needs {NEWEST}:"
        " run `wecom-bot migrate`"
    )


def absent(engine: sa.Engine) -> bool:
    """Whether the database has no tables of ours at all. Raises ConfigurationError, TemporaryFailure."""
    with _refusals_explained():
        return not current(engine)


def _too_new(revision: str) -> ConfigurationError:
    return ConfigurationError(
        f"数据库表的版本 {revision} 比本程序新，请升级程序"
        f" / the database schema is {revision}, newer than this program knows (up to {NEWEST}): upgrade wecom-bot"
    )


@contextmanager
def _refusals_explained() -> Iterator[None]:
    """A server that will never let us in is a matter for the operator, not for another try."""
    try:
        yield
    except TemporaryFailure as e:
        if said := refused(e):
            raise ConfigurationError(
                f"WECOM_BOT_DATABASE_URL: 数据库拒绝了连接 / the database refused us: {said}. {HOW_TO_WRITE}"
            ) from e
        raise


def _go_through_the_revisions(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def current(engine: sa.Engine) -> str:
    """The schema's revision, empty for none. Raises TemporaryFailure."""
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table(_STAMP.name):
            return ""
        return connection.scalar(sa.select(_STAMP.c.version_num)) or ""


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[None]:
    """Only one process of all that use this database is in here."""
    if engine.dialect.name == "sqlite":
        with private.append(Path(f"{engine.url.database}.migrate-lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    # MySQL's locks are the server's, not the database's, and their names have at most 64 characters
    name = "wecom_bot.migrate." + sha256(str(engine.url.database).encode()).hexdigest()[:32]
    with reading(engine) as connection:
        patience = int(_LONGEST_MIGRATION.total_seconds())
        if connection.scalar(sa.select(sa.func.get_lock(name, patience))) != 1:
            raise TemporaryFailure("another process is migrating the database, and did not finish")
        try:
            yield
        finally:
            connection.scalar(sa.select(sa.func.release_lock(name)))


def _use_wal(engine: sa.Engine) -> None:
    """Let readers and a writer work side by side; the file remembers it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")  # not within a transaction, so not by `writing`
    except sqlite3.OperationalError as e:
        raise TemporaryFailure(f"SQLite: {e}") from e
    finally:
        connection.close()
