"""What migrations are made of. Each step asks first whether it was done: MySQL cannot take back half a migration.

Old migrations use this too: add to it, and do not change what is here.
"""

import sqlite3
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
BYTES = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")


def table(name: str, *parts: sa.schema.SchemaItem) -> None:
    """Make a table whose ids are compared byte by byte."""
    op.create_table(
        name,
        *parts,
        if_not_exists=True,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def column(of: str, added: sa.Column[Any]) -> None:
    """Add a column to a table."""
    if added.name not in {each["name"] for each in sa.inspect(op.get_bind()).get_columns(of)}:
        op.add_column(of, added)


def no_column(of: str, name: str) -> None:
    """Take a column from a table. SQLite before 3.35 copies the table for that."""
    if name in {each["name"] for each in sa.inspect(op.get_bind()).get_columns(of)}:
        if sqlite3.sqlite_version_info >= (3, 35) or op.get_bind().dialect.name != "sqlite":
            op.drop_column(of, name)
        else:
            with op.batch_alter_table(of) as changing:
                changing.drop_column(name)


def index(name: str, of: str, *columns: str) -> None:
    """Make an index of a table."""
    # not if_not_exists: MySQL, unlike MariaDB, does not know it for an index
    if name not in {each["name"] for each in sa.inspect(op.get_bind()).get_indexes(of)}:
        op.create_index(name, of, columns)
