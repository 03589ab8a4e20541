"""Which tenants' articles are found as they are written: in every index that follows them, as SQL knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading
from wecom_bot.adapters.sql.revisions import Revised
from wecom_bot.domain.message import CorpId

_OF, _FOLLOWS, _ARTICLES = schema.revisions, schema.search_positions, schema.articles
_IS_THERE = sa.and_(_FOLLOWS.c.revision >= _OF.c.revision, _FOLLOWS.c.article_id.is_(None))
_WHOLE = (
    sa.select(_OF.c.corp_id, _OF.c.revision)
    .join(_FOLLOWS, _FOLLOWS.c.corp_id == _OF.c.corp_id)
    .where(_OF.c.what == Revised.ARTICLES.value)
    .group_by(_OF.c.corp_id, _OF.c.revision)
    .having(sa.func.min(sa.case((_IS_THERE, 1), else_=0)) == 1)
)


@dataclass(frozen=True, slots=True)
class SqlIndexedRevisions:
    """Compares what tenants wrote with how far the indexes have followed. Raises TemporaryFailure."""

    engine: sa.Engine

    def whole(self) -> Mapping[CorpId, int]:
        """The revision of each tenant's articles, where every index that follows them holds all; in one statement."""
        with reading(self.engine) as connection:
            return {CorpId(row.corp_id): int(row.revision) for row in connection.execute(_WHOLE)}

    def edges(self, corp_id: CorpId) -> Sequence[datetime]:
        """The moments at which one of the tenant's articles begins or ends to be valid, in order."""
        moments = (
            sa.select(column).where(_ARTICLES.c.corp_id == corp_id, column.is_not(None)).distinct()
            for column in (_ARTICLES.c.valid_from, _ARTICLES.c.valid_until)
        )
        with reading(self.engine) as connection:
            return sorted({moment for query in moments for moment in connection.scalars(query)})
