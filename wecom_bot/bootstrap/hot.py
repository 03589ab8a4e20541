"""The cache of answers: on the server of the inbox, or on one of its own."""

from collections.abc import Callable
from datetime import timedelta

from wecom_bot.adapters.redis import address
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.adapters.redis.hot_answers import RedisHotAnswers
from wecom_bot.adapters.system import SystemClock
from wecom_bot.errors import ConfigurationError
from wecom_bot.ports import CircuitBreaker, HotAnswers
from wecom_bot.settings import Settings
from wecom_bot.worker.pace import time_limit

_SETTING = "WECOM_BOT_CACHE_URL"
_TIMEOUT = timedelta(seconds=1)  # of a connection; no turn waits for it that long


def hot_answers(settings: Settings, shared: Client, breaker: CircuitBreaker) -> HotAnswers:
    """The cache, which need not be there. Raises ConfigurationError for a URL that is none."""
    return RedisHotAnswers(_client(settings, shared), time_limit, breaker, SystemClock())


def _client(settings: Settings, shared: Client) -> Callable[[], Client]:
    url = settings.cache_url
    if not url:
        return lambda: shared
    try:
        address.parse(url)
    except ConfigurationError as e:
        raise ConfigurationError(str(e).replace(address.SETTING, _SETTING)) from None
    return lambda: connect(url, timeout=_TIMEOUT, most=settings.concurrency)
