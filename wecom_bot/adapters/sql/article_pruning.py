"""Which versions of articles are forgotten: the log of changes must not grow for ever."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.article_log import newest
from wecom_bot.adapters.sql.removal import chunks, remove
from wecom_bot.domain.message import CorpId

MOST_VERSIONS = 50
"""Of one article."""

LONGEST_REMOVED = timedelta(days=90)
"""For which an article that was removed can be brought back."""

_TABLE, _POSITIONS = schema.article_versions, schema.search_positions


def prune(connection: sa.Connection, corp_id: CorpId, article_ids: Iterable[str]) -> None:
    """Forget the oldest versions of these articles. No index needs them: each reads an article's newest alone."""
    place = sa.func.row_number().over(partition_by=_TABLE.c.article_id, order_by=_TABLE.c.revision.desc())
    for these in chunks(_TABLE.c.article_id, corp_id, article_ids):
        ranked = sa.select(_TABLE.c.article_id, _TABLE.c.revision, place.label("place")).where(these).subquery()
        found = sa.select(ranked.c.article_id, ranked.c.revision).where(ranked.c.place == MOST_VERSIONS + 1)
        doomed = [{"of": article_id, "until": number} for article_id, number in connection.execute(found)]
        if doomed:
            old = (_TABLE.c.article_id == sa.bindparam("of")) & (_TABLE.c.revision <= sa.bindparam("until"))
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.corp_id == corp_id, old), doomed)


def forget_removed(connection: sa.Connection, corp_id: CorpId, now: datetime) -> None:
    """Forget articles that were removed long ago, if every index has read that they were."""
    slowest = connection.scalar(sa.select(sa.func.min(_POSITIONS.c.revision)).where(_POSITIONS.c.corp_id == corp_id))
    gone = newest(corp_id).where(_TABLE.c.article.is_(None), _TABLE.c.saved_at < now - LONGEST_REMOVED)
    if slowest is not None:  # a position within a revision has not read all of it
        gone = gone.where(_TABLE.c.revision < slowest)
    ids = connection.scalars(gone.with_only_columns(_TABLE.c.article_id)).all()
    remove(connection, _TABLE.c.article_id, corp_id, ids)
