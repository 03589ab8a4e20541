"""Whether a tenant's own database can be asked: the login, what the account may do, each query and its indexes.

Nothing is read of its rows: the queries are explained, with empty values.
"""

import re
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import exc

from wecom_bot.adapters.business.comparing import compared_with_numbers
from wecom_bot.adapters.business.connecting import DatabasePlace, pool, url_of
from wecom_bot.adapters.business.trouble import Trouble
from wecom_bot.domain.business import QuerySpec
from wecom_bot.domain.finding import Finding, doubtful, failed, well
from wecom_bot.domain.query_shape import CUSTOMER
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured

_READS = frozenset({"SELECT", "USAGE", "SHOW VIEW"})
_GRANT = re.compile(r"GRANT (?P<rights>.*?) ON (?!.* TO PUBLIC$)")  # what everybody may is nobody's to mend
_COLUMNS = re.compile(r"\([^)]*\)")
_SCANS = frozenset({"ALL", "index"})
_HIDDEN = 1345  # who may read a view, and not what is behind it, is not told how
_MANY = 10_000  # rows that are gone through for one answer
_OURS = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN :ours"


def look(tenant: Tenant, dsn: str, own: DatabasePlace | None = None) -> Iterator[Finding]:
    """The findings of a tenant's database at this DSN, empty for none, where there is any; `own` is where ours is."""
    check, about = "business", tenant.corp_id
    if not tenant.queries and not dsn:
        return
    if not dsn:
        mend = "在租户文件写 [tenants.business] dsn / write it in the tenants' file"
        yield failed(check, "有业务查询，没有 business.dsn / there are queries, and no DSN for them", mend, about)
        return
    try:
        engine = pool(url_of(dsn, own), 1)
    except Misconfigured as e:
        yield failed(check, str(e), "改 business.dsn，重新导入 / correct business.dsn and import again", about)
        return
    try:
        with engine.connect() as connection:
            yield from _of_server(connection, about)
            for query in tenant.queries:
                yield from _of_query(connection, query, about)
    except exc.SQLAlchemyError as e:
        mend = "看地址、防火墙、账号；密码里的 @ : / 要写成 %40 %3A %2F / see address, firewall and account"
        yield failed(check, str(Trouble.of(e).error()), mend, about)
    finally:
        engine.dispose()


def _of_server(connection: sa.Connection, about: str) -> Iterator[Finding]:
    version = connection.exec_driver_sql("SELECT VERSION()").scalar()
    ours = sa.text(_OURS).bindparams(sa.bindparam("ours", ["tenants", "alembic_version"], expanding=True))
    if (connection.execute(ours).scalar() or 0) > 1:
        yield failed(
            "business",
            "这像是机器人自己的库，里面有所有租户的数据 / this looks like the bot's own database",
            "换成租户自己的库 / name the tenant's own database",
            about,
        )
    else:
        yield well("business", f"{version}", about)
    if more := sorted(_rights(connection) - _READS):
        yield doubtful(
            "business.rights",
            f"账号不只能读 / the account may do more than read: {', '.join(more)}",
            "给机器人建一个只有 SELECT 的账号：GRANT SELECT ON 库.表 TO … / make it an account that has SELECT alone",
            about,
        )
    else:
        yield well("business.rights", "SELECT", about)


def _rights(connection: sa.Connection) -> set[str]:
    """What the account may do. MariaDB says it of the roles that are in force, too; MySQL names them."""
    rights = set[str]()
    for (grant,) in connection.exec_driver_sql("SHOW GRANTS"):
        if found := _GRANT.match(grant):
            rights |= {each.strip().upper() for each in _COLUMNS.sub("", found["rights"]).split(",")}
        elif grant.startswith("GRANT ") and not getattr(connection.dialect, "is_mariadb", False):
            rights.add(grant.partition(" TO ")[0].replace("GRANT", "ROLE", 1))
    return rights


def _of_query(connection: sa.Connection, query: QuerySpec, about: str) -> Iterator[Finding]:
    try:
        slow = _gone_through(connection, query)
    except exc.DBAPIError as e:
        said = e.orig.args[1] if e.orig is not None and len(e.orig.args) > 1 else ""  # nothing of a customer is in it
        mend = "改租户文件里的 sql 或账号的权限 / correct the sql in the tenants' file, or the account's grants"
        yield failed("business.query", f"{query.name}: {Trouble.of(e).error()} ({said})", mend, about)
        return
    if CUSTOMER in compared_with_numbers(connection, query.sql):
        yield doubtful(
            "business.query",
            f"{query.name}: 拿 :customer 和数字的列比，不是数字的客户号都会查不成"
            " / :customer is compared with numbers: the query fails for who has another kind of id",
            "改成 CAST(列 AS CHAR) = :customer，或换成客户号的那一列 / write CAST(column AS CHAR), or name another",
            about,
        )
    elif slow:
        yield doubtful(
            "business.query",
            f"{query.name}: 没有索引，要逐行看完 / no index, every row is gone through: {', '.join(slow)}",
            "在 WHERE 用到的列上建索引 / make an index on the columns that its WHERE compares",
            about,
        )
    else:
        yield well("business.query", query.name, about)


def _gone_through(connection: sa.Connection, query: QuerySpec) -> list[str]:
    """The large tables that it goes through row by row, as far as that shows. Raises what the driver raises."""
    values = {name: query.fixed.get(name, "") for name in query.parameters}
    try:
        plan = connection.execute(sa.text(f"EXPLAIN {query.sql}"), values).mappings().all()
    except exc.DBAPIError as e:
        if e.orig is not None and e.orig.args[:1] == (_HIDDEN,):
            return []
        raise
    return sorted({str(each.get("table")) for each in plan if each.get("type") in _SCANS and _rows(each) > _MANY})


def _rows(step: sa.RowMapping) -> int:
    said = step.get("rows")
    return int(said) if isinstance(said, int | str) and str(said).isdigit() else 0
