"""Asking WeCom from where it calls back, with the tokens that the workers use, too."""

from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.api.callers import WecomCallers
from wecom_bot.bootstrap import shared, stores, wecom
from wecom_bot.service.operation.callers import FindCallers
from wecom_bot.settings import Settings


def find_callers(settings: Settings) -> FindCallers:
    """What asks. Raises ConfigurationError, TemporaryFailure."""
    tenants = stores.cached_tenants(settings, stores.sql_engine(settings))
    tenants.refresh()
    client = shared.operators_client(settings)
    clients = wecom.clients(settings, tenants, client, SystemClock(), pool=1)
    return FindCallers(tenants, WecomCallers(clients))
