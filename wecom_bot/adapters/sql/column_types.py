"""Columns that MySQL needs to be told about: instants in UTC with microseconds, long texts as MEDIUMTEXT (16 MB)."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import mysql


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept as naive UTC: neither database has a type that keeps the zone."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[datetime]:
        return dialect.type_descriptor(mysql.DATETIME(fsp=6) if dialect.name == "mysql" else sa.DateTime())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        _ = dialect
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        _ = dialect
        return None if value is None else value.replace(tzinfo=UTC)


LongText = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
LongBytes = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")
