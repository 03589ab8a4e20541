"""Which articles a search index did not take."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.domain.indexing import PoisonArticle
from wecom_bot.domain.message import CorpId

_TABLE = schema.search_refusals
_AT_ONCE = 500  # ids in one IN (...): SQLite before 3.32 takes 999 parameters


@dataclass(frozen=True, slots=True)
class SqlPoisonList:
    """Implements ports.PoisonList."""

    engine: sa.Engine

    def note(self, corp_id: CorpId, index: str, tried: Collection[str], refused: Collection[PoisonArticle]) -> None:
        ids = sorted(tried)
        rows = [_row(index, corp_id, each) for each in refused]
        where = (_TABLE.c.index_name == index, _TABLE.c.corp_id == corp_id)
        with reading(self.engine) as connection:
            held = connection.scalar(sa.select(sa.literal(1)).select_from(_TABLE).where(*where).limit(1))
        if not held and not rows:
            return  # as nearly always: no write lock is taken
        with writing(self.engine) as connection:
            for start in range(0, len(ids), _AT_ONCE):
                these = _TABLE.c.article_id.in_(ids[start : start + _AT_ONCE])
                connection.execute(sa.delete(_TABLE).where(*where, these))
            if rows:
                connection.execute(replace(connection.dialect.name, _TABLE), rows)

    def of(self, corp_id: CorpId) -> Sequence[tuple[str, PoisonArticle]]:
        query = sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id).order_by(_TABLE.c.index_name, _TABLE.c.article_id)
        with reading(self.engine) as connection:
            return [
                (row.index_name, PoisonArticle(row.article_id, row.revision, row.reason))
                for row in connection.execute(query)
            ]

    def counts(self) -> Mapping[CorpId, int]:
        count = sa.func.count(sa.distinct(_TABLE.c.article_id))
        with reading(self.engine) as connection:
            found = connection.execute(sa.select(_TABLE.c.corp_id, count).group_by(_TABLE.c.corp_id))
            return {CorpId(corp_id): number for corp_id, number in found}

    def drop(self, index: str, corp_id: CorpId | None = None) -> None:
        where = [_TABLE.c.index_name == index]
        if corp_id is not None:
            where.append(_TABLE.c.corp_id == corp_id)
        with writing(self.engine) as connection:
            connection.execute(sa.delete(_TABLE).where(*where))


def _row(index: str, corp_id: CorpId, refused: PoisonArticle) -> dict[str, object]:
    return {
        "index_name": index,
        "corp_id": corp_id,
        "article_id": refused.article_id,
        "revision": refused.revision,
        "reason": refused.reason,
        "refused_at": datetime.now(UTC),
    }
