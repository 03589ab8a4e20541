"""Whether the database, the master key and what lies under it are fit. Nothing here writes, migrates or makes a key."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from wecom_bot import private
from wecom_bot.adapters.sql import migrate, schema
from wecom_bot.adapters.sql.engine import connect, reading, refused
from wecom_bot.adapters.sql.secrets import kept_master_key
from wecom_bot.domain.finding import Finding, doubtful, failed, well
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError, TemporaryFailure
from wecom_bot.ports import StoredTenant

_SETTING = "WECOM_BOT_DATABASE_URL"
_OLDEST_MYSQL, _OLDEST_MARIADB = (8, 0), (10, 5)
_MIGRATE = "执行 / run: wecom-bot migrate"


def look(url: str | sa.URL) -> Iterator[Finding]:
    """The findings of the database at the URL; an SQLite file that is not there is not made."""
    try:
        if (path := sqlite_file(url)) and not path.exists():
            yield failed("sql", f"还没有数据库文件 / there is no database yet: {path}", _first_steps())
            return
        engine = connect(url, pool_size=1)
    except (ConfigurationError, sa.exc.ArgumentError, ValueError) as e:
        said = str(e) if isinstance(e, ConfigurationError) else f"{_SETTING} 不是数据库地址 / is no database URL"
        yield failed("sql", said, f"改对 {_SETTING} / put {_SETTING} right")
        return
    try:
        yield from _of_server(engine)
        yield from _of_schema(engine)
    except TemporaryFailure as e:
        yield _unusable(e)
    finally:
        engine.dispose()


def indexed_tenants(url: str | sa.URL) -> frozenset[CorpId]:
    """Whose articles some search index has begun to follow; none where the database cannot say."""
    if (path := sqlite_file(url)) and not path.exists():
        return frozenset()
    engine = connect(url, pool_size=1)
    try:
        with reading(engine) as connection:
            return frozenset(map(CorpId, connection.scalars(sa.select(schema.search_positions.c.corp_id).distinct())))
    except TemporaryFailure:
        return frozenset()  # the findings of the database say why
    finally:
        engine.dispose()


def look_at_key(given: str, folder: Path, *, needed: bool) -> Iterator[Finding]:
    """The finding of the master key; `needed`: there are tenants whose secrets it should open."""
    check = "master_key"
    try:
        key = kept_master_key(given, folder)
    except ConfigurationError as e:
        yield failed(check, str(e), "照上面说的改 / do as it says above")
        return
    if key is None and needed:
        yield failed(
            check,
            f"没有主密钥，租户的密钥打不开 / there is none: the tenants' secrets cannot be opened ({folder})",
            "放回备份里的 master.key，或设 WECOM_BOT_MASTER_KEY；真丢了就重新导入全部密钥"
            " / put back master.key or set WECOM_BOT_MASTER_KEY; if it is lost, import all secrets again",
        )
    elif key is None:
        yield doubtful(
            check,
            "还没有，首次导入租户时生成 / not made yet: the first import of tenants does",
            "多台机器要用同一个 WECOM_BOT_MASTER_KEY / several machines need the same WECOM_BOT_MASTER_KEY",
        )
    else:
        yield well(check, "WECOM_BOT_MASTER_KEY" if given else f"{folder / 'master.key'} (0600)")


def sqlite_file(url: str | sa.URL) -> Path | None:
    """The file of an SQLite URL; None for another."""
    parsed = sa.make_url(url)
    return Path(parsed.database) if parsed.drivername == "sqlite" and parsed.database else None


def _first_steps() -> str:
    return (
        "单机：`wecom-bot serve` 会建；分开部署：`wecom-bot migrate`。也看看 WECOM_BOT_DATA 是不是指对了"
        " / on one machine `wecom-bot serve` makes it, elsewhere `wecom-bot migrate`; see that WECOM_BOT_DATA is right"
    )


def _unusable(error: TemporaryFailure) -> Finding:
    if said := refused(error):
        return failed(
            "sql",
            f"{_SETTING}: 数据库拒绝了连接 / the database refused us: {said}",
            "核对用户名、密码、库名和授权（密码里的 @ : / ? # 要写成 %40 %3A %2F %3F %23）"
            " / check user, password, database and grants; in a password escape @ : / ? # as %XX",
        )
    return failed(
        "sql",
        f"{_SETTING}: {error}",
        f"看数据库是否在运行、{_SETTING} 里的地址和端口、防火墙、磁盘"
        " / see whether it runs, its address and port, the firewall, its disk",
    )


def _of_server(engine: sa.Engine) -> Iterator[Finding]:
    if engine.dialect.name == "sqlite":
        yield from _of_sqlite(engine)
        return
    with reading(engine) as connection:
        version = str(connection.scalar(sa.text("SELECT VERSION()")))
        statement = sa.text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
            " AND table_name IN :ours AND table_collation NOT LIKE 'utf8mb4%'"
        ).bindparams(sa.bindparam("ours", expanding=True))
        wrong = sorted(connection.scalars(statement, {"ours": sorted(schema.metadata.tables)}).all())
    yield _of_version(version)
    if wrong:
        yield failed(
            "sql.charset",
            f"这些表不是 utf8mb4 / not utf8mb4: {', '.join(wrong)}",
            "表情会存不进去：ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4 / emoji cannot be stored: convert them",
        )
    else:
        yield well("sql.charset", "utf8mb4")


def _of_version(version: str) -> Finding:
    maria = "mariadb" in version.lower()
    name, oldest = ("MariaDB", _OLDEST_MARIADB) if maria else ("MySQL", _OLDEST_MYSQL)
    numbers = version.partition("-")[0].split(".")[:2]
    known = tuple(int(each) for each in numbers if each.isdecimal())
    if known < oldest:
        wanted = ".".join(map(str, oldest))
        return doubtful(
            "sql",
            f"{name} {version} 没有试过 / is older than what we have tried",
            f"用 {name} {wanted} 以上 / use {name} {wanted} or newer",
        )
    return well("sql", f"{name} {version}")


def _of_sqlite(engine: sa.Engine) -> Iterator[Finding]:
    with reading(engine) as connection:
        mode = str(connection.scalar(sa.text("PRAGMA journal_mode")))
    yield well("sql", f"SQLite {sqlite3.sqlite_version}, {engine.url.database}")
    if mode != "wal":
        yield doubtful(
            "sql.journal",
            f"journal_mode 是 {mode}：读写会互相等 / readers and writers wait for each other",
            f"{_MIGRATE}；网络盘上不能用 SQLite / not on a network drive",
        )
    if (path := sqlite_file(engine.url)) and (mode_of_file := private.readers(path)) is not None:
        yield doubtful(
            "sql.file",
            f"数据库文件的权限是 {mode_of_file:04o}，别人也能读 / others can read the database",
            f"chmod 600 {path}",
        )


def _of_schema(engine: sa.Engine) -> Iterator[Finding]:
    found = migrate.current(engine)
    if found == migrate.NEWEST:
        yield well("sql.schema", found)
    elif not found:
        yield failed("sql.schema", "数据库里还没有表 / the database has no tables of ours yet", _MIGRATE)
    elif found in migrate.VERSIONS:
        yield failed(
            "sql.schema",
            f"数据库表是旧版 {found}，本程序需要 {migrate.NEWEST} / older than this program needs",
            _MIGRATE,
        )
    else:
        yield failed(
            "sql.schema",
            f"数据库表的版本 {found} 比本程序新（到 {migrate.NEWEST}）/ newer than this program knows",
            "升级 wecom-bot，别的机器可能已经升级 / upgrade wecom-bot: another machine may have been",
        )


def look_at_tenants(stored: Sequence[StoredTenant], rows: int) -> Iterator[Finding]:
    """The findings of the tenants that were loaded, of so many rows: whether there are any, and can be read."""
    yield _of_count(stored, rows)
    for each in stored:
        yield from _of_secrets(each)


def _of_count(stored: Sequence[StoredTenant], rows: int) -> Finding:
    check, on = "tenants", sum(each.tenant.active for each in stored)
    if not rows:
        return doubtful(
            check,
            "还没有租户 / there are no tenants yet",
            "下一步 / next: wecom-bot tenants import tenants.toml（docs/howto/first-tenant.md）",
        )
    if rows > len(stored):
        return failed(
            check,
            f"{rows - len(stored)} 个租户读不懂 / tenants cannot be read by this program",
            "多半是新版写的：升级 wecom-bot / most likely a newer program wrote them: upgrade wecom-bot",
        )
    if not on:
        mend = "wecom-bot tenants on CORP_ID，机器人才会回答 / then the bot answers"
        return doubtful(check, "没有启用的租户 / no tenant is on", mend)
    return well(check, f"{rows} 个，启用 {on} 个 / tenants, of which so many are on")


def _of_secrets(stored: StoredTenant) -> Iterator[Finding]:
    names = [app.name for app in stored.tenant.apps if app.name not in stored.credentials]
    if stored.trouble or names:
        yield failed(
            "tenants.secrets",
            stored.trouble or f"这些应用没有密钥 / these apps have no secrets: {', '.join(names)}",
            "换回当时的主密钥（WECOM_BOT_MASTER_KEY，或数据目录里的 master.key），或把密钥写全重新导入"
            " / put the right master key back, or import the secrets again",
            stored.tenant.corp_id,
        )


def count_tenants(engine: sa.Engine) -> int:
    """How many rows of tenants there are, readable or not. Raises TemporaryFailure."""
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.tenants)) or 0
