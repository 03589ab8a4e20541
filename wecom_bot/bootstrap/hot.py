"""The cache of answers: on the server of the inbox, or on one of its own."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from wecom_bot.adapters.redis import address
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.adapters.redis.hot_answers import RedisHotAnswers
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.fallback import FallbackSearch
from wecom_bot.adapters.search.followed import FollowedKnowledge
from wecom_bot.adapters.sql.indexed_revisions import SqlIndexedRevisions
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError
from wecom_bot.ports import CircuitBreaker, HotAnswers, KnowledgeStates, SearchIndex
from wecom_bot.settings import Settings
from wecom_bot.worker.pace import time_limit

_SETTING = "WECOM_BOT_CACHE_URL"
_TIMEOUT = timedelta(seconds=1)  # of a connection; no turn waits for it that long


def hot_answers(settings: Settings, shared: Client, breaker: CircuitBreaker) -> HotAnswers:
    """The cache, which need not be there. Raises ConfigurationError for a URL that is none."""
    return RedisHotAnswers(_client(settings, shared), time_limit, breaker, SystemClock())


def knowledge_states(engine: sa.Engine, index: SearchIndex, model: Embedder | None) -> KnowledgeStates:
    """What the searches of this process are answered from; of an engine elsewhere it is followed from now on."""
    if isinstance(index, EmbeddedSearch):
        return index
    revisions = SqlIndexedRevisions(engine)
    mode, identity = (SearchMode.HYBRID, model.identity) if model else (SearchMode.LEXICAL, "")
    followed = FollowedKnowledge(revisions.whole, revisions.edges, mode, identity, SystemClock())
    followed.start()
    return followed


def falls_back(index: SearchIndex) -> Callable[[CorpId], bool]:
    """Whether a copy that may be older answers in the place of the engine that was told from (HotPath)."""
    return index.falls_back if isinstance(index, FallbackSearch) else lambda _: False


def _client(settings: Settings, shared: Client) -> Callable[[], Client]:
    url = settings.cache_url
    if not url:
        return lambda: shared
    try:
        address.parse(url)
    except ConfigurationError as e:
        raise ConfigurationError(str(e).replace(address.SETTING, _SETTING)) from None
    return lambda: connect(url, timeout=_TIMEOUT, most=settings.concurrency)
