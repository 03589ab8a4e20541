"""WeCom's API, with the tokens and allowances that all processes share: for workers, and for operators' commands."""

from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.ports import Clock, Tenants
from wecom_bot.settings import Settings


def clients(settings: Settings, tenants: Tenants, redis: Client, clock: Clock, pool: int) -> Clients:
    """Who calls WeCom for these tenants, `pool` calls at once."""
    return Clients(
        tenants,
        RedisSharedTokens(redis),
        RedisAllowance(redis),
        clock,
        base_url=settings.wecom_base_url,
        timeout=settings.wecom_timeout,
        pool=pool,
        egress=settings.egress,
    )
