"""Counters that tell readers when to look again."""

from enum import StrEnum

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.upsert import replace, upsert

_TABLE = schema.revisions


class Revised(StrEnum):
    """What has a revision."""

    TENANTS = "tenants"
    ARTICLES = "articles"
    ARTICLE_LOG = "article_log"  # which of these the log of their changes is whole up to
    WORDINGS = "wordings_1"  # and their wordings; another number where text.folding.letters comes to something else


def bump(connection: sa.Connection, what: Revised, corp_id: str = "") -> None:
    """Count a change. First in its transaction, so that writers of the same thing queue here and cannot deadlock."""
    counter = {"what": what.value, "corp_id": corp_id, "revision": 1}
    connection.execute(upsert(connection.dialect.name, _TABLE, {"revision": lambda _: _TABLE.c.revision + 1}), counter)


def put(connection: sa.Connection, what: Revised, number: int, corp_id: str = "") -> None:
    """Set a counter that follows another one."""
    row = {"what": what.value, "corp_id": corp_id, "revision": number}
    connection.execute(replace(connection.dialect.name, _TABLE), row)


def revision(connection: sa.Connection, what: Revised, corp_id: str = "", *, held: bool = False) -> int:
    """How many changes were counted; `held`: and let nobody count another one before this transaction ends."""
    query = sa.select(_TABLE.c.revision).where(_TABLE.c.what == what.value, _TABLE.c.corp_id == corp_id)
    return int(connection.scalar(query.with_for_update() if held else query) or 0)


def revisions(connection: sa.Connection, what: Revised) -> dict[str, int]:
    """The same of every tenant."""
    query = sa.select(_TABLE.c.corp_id, _TABLE.c.revision).where(_TABLE.c.what == what.value)
    return {corp_id: int(number) for corp_id, number in connection.execute(query)}
