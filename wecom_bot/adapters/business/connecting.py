"""A way to a tenant's database on which nothing can be written, and nothing takes longer than it may."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from wecom_bot.domain.business_dsn import prove_dsn
from wecom_bot.domain.query_shape import MOST_ROWS
from wecom_bot.errors import Misconfigured

_IDLE = timedelta(minutes=5)  # shorter than what firewalls forget
_HERE, _MYSQL_PORT = "localhost", 3306
_ALSO_HERE = frozenset({"127.0.0.1", "::1"})
_LIMIT = "wecom_bot_limit"
_READ_ONLY = "SET SESSION TRANSACTION READ ONLY"
# the time of customers; what quoting relies on; no wait for who alters a table; no more rows than a query may have;
# the warnings that comparing.py reads
_SESSION = (
    "SET SESSION time_zone = '+08:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', lock_wait_timeout = 5,"
    f" sql_select_limit = {MOST_ROWS + 1}, max_error_count = 64"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait to be let in (or for a free connection), and for any one answer: a query's own limit is less."""

    connect: timedelta = timedelta(seconds=2)
    answer: timedelta = timedelta(seconds=7)


@dataclass(frozen=True, slots=True)
class DatabasePlace:
    """Where a database is, to tell one from another; nothing secret."""

    host: str
    port: int
    socket: str
    database: str

    @classmethod
    def of(cls, url: sa.URL) -> "DatabasePlace":
        """The address in the URL; whoever comes by a socket is on this machine, whatever host is named beside it."""
        socket, host = url.query.get("unix_socket", ""), str(url.host or _HERE).lower()
        if isinstance(socket, str) and socket:
            return cls(_HERE, _MYSQL_PORT, socket, url.database or "")
        return cls(_HERE if host in _ALSO_HERE else host, url.port or _MYSQL_PORT, "", url.database or "")

    def is_at(self, other: "DatabasePlace") -> bool:
        """Whether both are one database; a socket is as good as the usual port of this machine."""
        same = (self.host, self.port, self.database) == (other.host, other.port, other.database)
        return same and (self.socket == other.socket or not (self.socket and other.socket))


def url_of(dsn: str, own: DatabasePlace | None) -> sa.URL:
    """The parts of the DSN. Raises Misconfigured for what is none, and for the bot's own database (`own`)."""
    try:
        prove_dsn(dsn)
        url = sa.make_url(dsn)
    except (ValueError, exc.ArgumentError):
        raise Misconfigured("business.dsn 不是数据库地址 / is no database URL: import it again") from None
    if own is not None and DatabasePlace.of(url).is_at(own):
        raise Misconfigured(
            "business.dsn 指向机器人自己的库，里面有所有租户的数据"
            " / business.dsn is the bot's own database, which holds the data of all tenants"
        )
    return url


def pool(url: sa.URL, size: int, patience: Patience = Patience()) -> sa.Engine:
    """Connections to it, none made yet; each can only read. Raises Misconfigured."""
    from wecom_bot.adapters.business import driver  # noqa: PLC0415 - see there

    connect, answer = patience.connect.total_seconds(), patience.answer.total_seconds()
    try:
        engine = sa.create_engine(
            url.update_query_dict({"charset": "utf8mb4"}),
            connect_args={
                "password": (url.password or "").encode(),  # the driver knows no letters beyond Latin-1
                "connect_timeout": connect,
                "read_timeout": answer,
                "write_timeout": answer,
                "local_infile": False,  # a server must not ask us for our files
            },
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",  # a SELECT is a transaction of its own: no trips to begin and end it
            pool_reset_on_return=None,
            pool_pre_ping=True,
            pool_recycle=int(_IDLE.total_seconds()),
            pool_size=size,
            max_overflow=0,
            pool_timeout=connect,
        )
    except (exc.ArgumentError, TypeError, ValueError) as e:
        raise Misconfigured(f"business.dsn: {type(e).__name__}") from None
    driver.use(engine)
    event.listen(engine, "connect", _prepare)
    return engine


def limit(connection: sa.Connection, seconds: float) -> None:
    """See to it that the server itself ends what takes longer; one more trip where the last query's limit was another.

    Raises what the driver raises.
    """
    if connection.info.get(_LIMIT) == seconds:
        return
    if getattr(connection.dialect, "is_mariadb", False):
        connection.exec_driver_sql(f"SET SESSION max_statement_time = {float(seconds)}")
    else:
        connection.exec_driver_sql(f"SET SESSION max_execution_time = {int(seconds * 1000)}")
    connection.info[_LIMIT] = seconds


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    with connection.cursor() as cursor:
        for statement in (_READ_ONLY, _SESSION):
            cursor.execute(statement)
