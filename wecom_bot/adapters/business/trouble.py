"""What went wrong between us and a tenant's database, by what to do next. The server's words may quote a customer."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exc

from wecom_bot.errors import Misconfigured, TemporaryFailure, TookTooLong, WecomBotError

_LATE = frozenset({1205, 1317, 1969, 3024})  # lock wait, killed, max_statement_time, max_execution_time
_BUSY = frozenset({1040, 1129, 1203, 1226})  # too many connections; ours, or our host, is kept out for a while
_AWAY = frozenset({1053, 1077, 1079, 1152, 1156, 1158, 1159, 1160, 1161, 1184, 1213, 1290, 1836})
_TLS = 2026  # the files in the DSN, or the server's certificate
_LOGIN = frozenset({1044, 1045, 1049, 1130, 1251, 1698, 1820, 1862, _TLS, 3118, 3159, 3955, 4150, 4151})
_TOO_LARGE = 2020  # the answer (driver.MOST_BYTES): the same query will have the same one
_CLIENT = 2000  # from here on it is the client that speaks: nobody is there
_LOST = 2013  # half way through: for whatever reason, and one of them is ours
_TIMED_OUT = "timed out"
_ADVICE = {
    1044: "账号无权用这个库 / the account may not use this database",
    1045: "用户名或密码不对，或账号不许从这台机器来 / user or password is wrong, or the account is not for this host",
    1049: "没有这个库 / there is no such database",
    1054: "SQL 里有不存在的列 / a column in the SQL does not exist",
    1064: "SQL 写法不对 / the SQL is not written correctly",
    1130: "数据库不许这台机器连接 / the server lets this host not connect",
    1142: "账号没有读这张表的权限 / the account may not read this table",
    1146: "没有这张表 / there is no such table",
    1193: "数据库版本太旧，需要 MySQL 5.7.8 或 MariaDB 10.1 以上 / the server is too old",
    1292: "SQL 拿 :customer 和数字的列比，会认错人：改成 CAST(列 AS CHAR) = :customer"
    " / the SQL compares :customer with numbers: write CAST(column AS CHAR) = :customer",
    1792: "只许读 / only reading is allowed",
    2003: "连不上：看 dsn 里的主机、端口，数据库在不在，防火墙"
    " / cannot be reached: see host and port in the dsn, whether it runs, and the firewall",
    2020: "查出来的太大：不要查图片、正文这样的列 / its answer is too large: select no pictures or long texts",
    2026: "证书不对：看 dsn 里 ssl_ca、ssl_cert、ssl_key 的文件，和服务器的证书"
    " / TLS: look at the files that the dsn names, and at the server's certificate",
    3118: "账号被锁了 / the account is locked",
    3159: "服务器只收 TLS：在 dsn 里写 ssl_ca / the server takes TLS alone: name ssl_ca in the dsn",
    3955: "密码错了太多次，账号暂时被锁 / the account is blocked for wrong passwords",
    4150: "密码错了太多次，账号被锁 / the account is blocked for wrong passwords",
    4151: "账号被锁了 / the account is locked",
}


class QueryOutcome(StrEnum):
    """How it ended: for the metric, the log and the circuit breaker."""

    OK = "ok"
    LATE = "late"
    AWAY = "away"
    BUSY = "busy"  # no connection became free, or the server takes no more
    LOGIN = "login"
    REFUSED = "refused"  # the query, not us
    OPEN = "open"  # not asked: the circuit is open


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure, and the server's number for it."""

    outcome: QueryOutcome
    code: int | None = None

    @classmethod
    def of(cls, error: exc.SQLAlchemyError) -> "Trouble":
        """What the driver raised."""
        if isinstance(error, exc.TimeoutError):
            return cls(QueryOutcome.BUSY)
        cause = error.orig if isinstance(error, exc.DBAPIError) else None
        said = cause.args[0] if cause is not None and cause.args[:1] else None
        code = said if isinstance(said, int) else None
        return cls(_kind(error, code), code)

    def error(self) -> WecomBotError:
        """The same as one of ours, with advice and no word of the server's."""
        told = f"业务库 / business database: {self.outcome}" + (f", MySQL {self.code}" if self.code else "")
        if self.outcome in {QueryOutcome.LOGIN, QueryOutcome.REFUSED}:
            advice = _ADVICE.get(self.code or 0, "用 wecom-bot doctor 检查 / look with wecom-bot doctor")
            return Misconfigured(f"{told}: {advice}", self.code)
        if self.code in _ADVICE:
            told += f": {_ADVICE[self.code]}"
        return TookTooLong(told) if self.outcome is QueryOutcome.LATE else TemporaryFailure(told)


def _kind(error: exc.SQLAlchemyError, code: int | None) -> QueryOutcome:
    if code in _LATE or (code == _LOST and _TIMED_OUT in str(error).lower()):
        return QueryOutcome.LATE
    for codes, kind in ((_LOGIN, QueryOutcome.LOGIN), (_BUSY, QueryOutcome.BUSY), (_AWAY, QueryOutcome.AWAY)):
        if code in codes:
            return kind
    if code == _TOO_LARGE or not isinstance(error, exc.DBAPIError):
        return QueryOutcome.REFUSED  # the latter: before anything reached the server
    return QueryOutcome.AWAY if code is None or code == 0 or _CLIENT <= code < _CLIENT + 1000 else QueryOutcome.REFUSED
