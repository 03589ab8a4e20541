"""What a tenant's turns say to who looks back, beside the tenant's articles as they are now."""

from datetime import datetime

from wecom_bot.adapters.sql.turns import SqlTurns
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.search import embedder, search_index
from wecom_bot.domain.message import CorpId
from wecom_bot.service.operation.misses import ListMisses, Misses
from wecom_bot.settings import Settings


def misses(settings: Settings, corp_id: CorpId, since: datetime, most: int) -> Misses:
    """What was not answered since then. Raises TemporaryFailure, ConfigurationError."""
    engine = stores.sql_engine(settings)
    index = search_index(settings, engine, embedder(settings))
    index.prepare(corp_id)
    return ListMisses(SqlTurns(engine), index, settings.session_timeout)(corp_id, since, most)
