"""Counters that tell readers when to look again."""

from enum import StrEnum

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.upsert import upsert

_TABLE = schema.revisions


class Revised(StrEnum):
    """What has a revision."""

    TENANTS = "tenants"
    ARTICLES = "articles"


def bump(connection: sa.Connection, what: Revised, corp_id: str = "") -> None:
    """Count a change. First in its transaction, so that writers of the same thing queue here and cannot deadlock."""
    counter = {"what": what.value, "corp_id": corp_id, "revision": 1}
    connection.execute(upsert(connection.dialect.name, _TABLE, {"revision": lambda _: _TABLE.c.revision + 1}), counter)


def revision(connection: sa.Connection, what: Revised, corp_id: str = "") -> int:
    """How many changes were counted."""
    found = connection.scalar(
        sa.select(_TABLE.c.revision).where(_TABLE.c.what == what.value, _TABLE.c.corp_id == corp_id)
    )
    return int(found or 0)
