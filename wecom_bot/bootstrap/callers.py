"""Asking WeCom from where it calls back, with the tokens that the workers use, too."""

import sqlalchemy as sa

from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.api.callers import WecomCallers
from wecom_bot.bootstrap import shared, stores, wecom
from wecom_bot.ports import CallerSource
from wecom_bot.settings import Settings


def caller_source(settings: Settings, engine: sa.Engine) -> CallerSource:
    """Where to ask. Raises ConfigurationError, TemporaryFailure."""
    tenants = stores.cached_tenants(settings, engine)
    tenants.refresh()
    return WecomCallers(wecom.clients(settings, tenants, shared.operators_client(settings), SystemClock(), pool=1))
