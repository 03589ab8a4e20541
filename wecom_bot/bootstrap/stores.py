"""What is kept in SQL, and the files that it comes from.

Who reads files is imported by who reads one: gateways and workers never do.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from wecom_bot.adapters.sql import migrate as sql_migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import connect, embedded
from wecom_bot.adapters.sql.orders import SqlOrders
from wecom_bot.adapters.sql.secrets import Cipher, master_key
from wecom_bot.adapters.sql.tenants import CachedTenants, SqlTenants
from wecom_bot.ports import CircuitBreaker
from wecom_bot.settings import Settings

if TYPE_CHECKING:
    from wecom_bot.adapters.files.text import Progress
    from wecom_bot.domain.draft import ArticleDraft, BadLine, OrderDraft, Tally
    from wecom_bot.domain.knowledge import Article


def sql_engine(settings: Settings, pool_size: int = 5, breaker: CircuitBreaker | None = None) -> sa.Engine:
    """The database, with the schema that we need. Raises ConfigurationError, TemporaryFailure.

    An SQLite file that holds nothing yet is ours to fill; every other schema is an operator's decision.
    """
    engine = unchecked_engine(settings, pool_size, breaker)
    _fit(engine)
    return engine


def migrate(settings: Settings) -> tuple[str, str]:
    """Bring the schema to the newest revision; which it was (empty for none) and is now."""
    return sql_migrate.upgrade(unchecked_engine(settings, pool_size=1))


def tenant_store(settings: Settings, engine: sa.Engine | None = None) -> SqlTenants:
    """Where tenants are kept. Makes the master key when there is none."""
    key = master_key(settings.master_key.get_secret_value(), settings.data)
    return SqlTenants(engine or sql_engine(settings), Cipher(key))


def cached_tenants(settings: Settings, engine: sa.Engine | None = None) -> CachedTenants:
    """The tenants from memory, once `start` was called; without `engine` the first load checks the schema."""
    if engine is not None:
        return CachedTenants(tenant_store(settings, engine))
    unchecked = unchecked_engine(settings, pool_size=1)
    return CachedTenants(tenant_store(settings, unchecked), check=partial(_fit, unchecked))


def articles(settings: Settings, engine: sa.Engine | None = None) -> SqlArticles:
    """Where articles are kept."""
    return SqlArticles(engine or sql_engine(settings))


def orders(settings: Settings, engine: sa.Engine | None = None) -> SqlOrders:
    """Where orders are kept."""
    return SqlOrders(engine or sql_engine(settings))


def read_tenants(path: Path) -> Mapping[str, object]:
    """A document for service.operation.tenants. Raises InvalidInput."""
    from wecom_bot.adapters.files import tenants as tenant_files  # noqa: PLC0415 - see above

    return tenant_files.read_document(path)


def write_tenants(document: Mapping[str, object]) -> str:
    """The document as TOML."""
    from wecom_bot.adapters.files import tenants as tenant_files  # noqa: PLC0415 - see above

    return tenant_files.write_document(document)


def read_articles(path: Path, progress: "Progress", tally: "Tally | None" = None) -> "Iterator[ArticleDraft | BadLine]":
    """The lines of a JSONL, CSV or XLSX file, for service.operation.articles. Raises InvalidInput."""
    from wecom_bot.adapters.files import articles as article_files  # noqa: PLC0415 - see above

    return article_files.read_articles(path, progress, tally)


def write_article(article: "Article") -> str:
    """The article as a line of JSONL."""
    from wecom_bot.adapters.files import articles as article_files  # noqa: PLC0415 - see above

    return article_files.write_article(article)


def read_orders(path: Path, progress: "Progress", tally: "Tally | None" = None) -> "Iterator[OrderDraft | BadLine]":
    """The lines of a JSONL, CSV or XLSX file, for service.operation.orders. Raises InvalidInput."""
    from wecom_bot.adapters.files import orders as order_files  # noqa: PLC0415 - see above

    return order_files.read_orders(path, progress, tally)


def _fit(engine: sa.Engine) -> None:
    """Return when the schema is the one we need; an empty SQLite file is given it."""
    if engine.dialect.name == "sqlite" and sql_migrate.absent(engine):
        sql_migrate.upgrade(engine)
    sql_migrate.check(engine)


def unchecked_engine(settings: Settings, pool_size: int = 5, breaker: CircuitBreaker | None = None) -> sa.Engine:
    """The database, whatever schema it has. Raises ConfigurationError."""
    return connect(settings.database_url or embedded(settings.data), pool_size, breaker=breaker)
