"""One question asked of a tenant as it is stored, without a customer: nothing is sent, kept or counted."""

from datetime import UTC, datetime

import sqlalchemy as sa

from wecom_bot.adapters.search.synonyms import SynonymSearch
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.rehearsal import without_coze
from wecom_bot.bootstrap.search import embedder, search_index
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import Channel, ConversationId, InboundMessage, MessageId, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.service.operation.articles import Tried
from wecom_bot.settings import Settings

_MOST = 5
_NOBODY = "nobody"


def ask(settings: Settings, engine: sa.Engine, tenant: Tenant, text: str) -> Tried:
    """The whole pipeline, once. Raises TemporaryFailure, ConfigurationError."""
    model = embedder(settings)
    index = search_index(settings, engine, model)
    index.prepare(tenant.corp_id)
    think = without_coze(tenant, index, stores.orders(settings, engine), model)
    found = tuple(SynonymSearch(index, lambda _: tenant).search(tenant.corp_id, text, _MOST))
    mode = SearchMode.HYBRID if model else SearchMode.LEXICAL
    return Tried(mode, tenant.thresholds, found, think(tenant, _turn(tenant, text)))


def _turn(tenant: Tenant, text: str) -> Turn:
    now = datetime.now(UTC)
    account = tenant.kf_accounts[0].open_kfid if tenant.kf_accounts else _NOBODY
    where = ConversationId(tenant.corp_id, Channel.KF, account, _NOBODY)
    message = InboundMessage(MessageId(_NOBODY), where, _NOBODY, MessageKind.TEXT, now, text)
    return Turn(where, (message,), "", now, DialogState(_NOBODY, now, now))
