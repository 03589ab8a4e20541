"""How far search indexes have followed what tenants wrote."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading
from wecom_bot.adapters.sql.revisions import Revised
from wecom_bot.domain.indexing import IndexStanding
from wecom_bot.domain.knowledge import Position
from wecom_bot.domain.message import CorpId

_REVISIONS, _POSITIONS, _VERSIONS = schema.revisions, schema.search_positions, schema.article_versions
_STANDINGS = (
    sa.select(
        _REVISIONS.c.corp_id,
        _REVISIONS.c.revision,
        _POSITIONS.c.index_name,
        _POSITIONS.c.revision.label("read_revision"),
        _POSITIONS.c.article_id,
    )
    .select_from(_REVISIONS.outerjoin(_POSITIONS, _POSITIONS.c.corp_id == _REVISIONS.c.corp_id))
    .where(_REVISIONS.c.what == Revised.ARTICLES.value)
    .order_by(_REVISIONS.c.corp_id, _POSITIONS.c.index_name)
)
_BEHIND = _STANDINGS.where(
    sa.or_(
        _POSITIONS.c.index_name.is_(None),
        _POSITIONS.c.revision < _REVISIONS.c.revision,
        sa.and_(_POSITIONS.c.revision == _REVISIONS.c.revision, _POSITIONS.c.article_id.is_not(None)),
    )
)
_FIRST_UNREAD = (
    sa.select(_VERSIONS.c.saved_at)
    .where(
        _VERSIONS.c.corp_id == _REVISIONS.c.corp_id,
        _VERSIONS.c.revision > sa.func.coalesce(_POSITIONS.c.revision, 0),
    )
    .order_by(_VERSIONS.c.revision)
    .limit(1)
    .correlate(_REVISIONS, _POSITIONS)
    .scalar_subquery()
)
_ALL = _STANDINGS.add_columns(_FIRST_UNREAD.label("behind_since"))


@dataclass(frozen=True, slots=True)
class SqlIndexStandings:
    """Implements ports.IndexStandings."""

    engine: sa.Engine

    def behind(self) -> Sequence[IndexStanding]:
        with reading(self.engine) as connection:
            return [_standing(row) for row in connection.execute(_BEHIND).mappings()]

    def all(self) -> Sequence[IndexStanding]:
        with reading(self.engine) as connection:
            return [_standing(row) for row in connection.execute(_ALL).mappings()]

    def written(self, corp_id: CorpId) -> int:
        query = sa.select(sa.func.count()).select_from(schema.articles).where(schema.articles.c.corp_id == corp_id)
        with reading(self.engine) as connection:
            return int(connection.scalar(query) or 0)


def _standing(row: sa.RowMapping) -> IndexStanding:
    return IndexStanding(
        CorpId(row["corp_id"]),
        row["index_name"] or "",
        Position(row["read_revision"] or 0, row["article_id"]),
        row["revision"],
        row.get("behind_since"),
    )
