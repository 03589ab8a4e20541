"""How far search indexes have read what tenants wrote, in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.domain.knowledge import Position
from wecom_bot.domain.message import CorpId

_TABLE = schema.search_positions


@dataclass(frozen=True, slots=True)
class SqlIndexPositions:
    """Implements ports.IndexPositions."""

    engine: sa.Engine

    def get(self, corp_id: CorpId, index: str) -> Position | None:
        query = sa.select(_TABLE).where(_TABLE.c.index_name == index, _TABLE.c.corp_id == corp_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
            return Position(row.revision, row.article_id) if row else None

    def all(self, index: str) -> Mapping[CorpId, Position]:
        query = sa.select(_TABLE).where(_TABLE.c.index_name == index)
        with reading(self.engine) as connection:
            return {CorpId(row.corp_id): Position(row.revision, row.article_id) for row in connection.execute(query)}

    def put(self, corp_id: CorpId, index: str, position: Position) -> None:
        row = {
            "index_name": index,
            "corp_id": corp_id,
            "revision": position.revision,
            "article_id": position.article_id,
        }
        with writing(self.engine) as connection:
            connection.execute(replace(connection.dialect.name, _TABLE), row)

    def drop(self, index: str, corp_id: CorpId | None = None) -> None:
        doomed = sa.delete(_TABLE).where(_TABLE.c.index_name == index)
        if corp_id is not None:
            doomed = doomed.where(_TABLE.c.corp_id == corp_id)
        with writing(self.engine) as connection:
            connection.execute(doomed)
