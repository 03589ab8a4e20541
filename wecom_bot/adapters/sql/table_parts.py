"""What every table is made of."""

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()
MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def corp_id() -> sa.Column[str]:
    """The first column of what belongs to a tenant."""
    return sa.Column("corp_id", sa.String(64), primary_key=True)
