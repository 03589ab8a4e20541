"""Asking WeCom from where it calls back, with the tokens that the workers use, too."""

from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.callers import WecomCallers
from wecom_bot.adapters.wecom.client import Clients
from wecom_bot.bootstrap import shared, stores
from wecom_bot.service.callers import FindCallers
from wecom_bot.settings import Settings


def find_callers(settings: Settings) -> FindCallers:
    """What asks. Raises ConfigurationError, TemporaryFailure."""
    tenants = stores.cached_tenants(settings, stores.sql_engine(settings))
    tenants.refresh()
    client = shared.operators_client(settings)
    clients = Clients(
        tenants,
        RedisSharedTokens(client),
        RedisAllowance(client),
        SystemClock(),
        base_url=settings.wecom_base_url,
        timeout=settings.wecom_timeout,
        pool=1,
    )
    return FindCallers(tenants, WecomCallers(clients))
