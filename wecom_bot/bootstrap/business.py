"""The tenants' own databases: who asks them, and where they must not be."""

from datetime import timedelta

import sqlalchemy as sa

from wecom_bot.adapters.business.connecting import DatabasePlace
from wecom_bot.adapters.business.pools import Pools
from wecom_bot.adapters.business.queries import SqlBusinessQueries
from wecom_bot.bootstrap.neighbours import Neighbours
from wecom_bot.ports import CircuitBreaker, Tenants, TimeLimit
from wecom_bot.settings import Settings

_TIDIES = timedelta(minutes=1)


def business_queries(
    settings: Settings, tenants: Tenants, breaker: CircuitBreaker, time_limit: TimeLimit
) -> SqlBusinessQueries:
    """The named queries of all tenants; nothing is opened before one is asked."""
    return SqlBusinessQueries(Pools(tenants, own_address(settings)), breaker, time_limit)


def watched_queries(settings: Settings, tenants: Tenants, neighbours: Neighbours) -> SqlBusinessQueries:
    """The same for a worker: the connections are counted, and closed when nobody uses them any more."""
    queries = business_queries(settings, tenants, neighbours.breaker, neighbours.time_limit)
    neighbours.add("business", queries.pools.usage)
    neighbours.chores.append((_TIDIES, queries.pools.tidy))
    return queries


def own_address(settings: Settings) -> DatabasePlace | None:
    """Where the bot's own database is, if that is a server: what all tenants have lies there."""
    return DatabasePlace.of(sa.make_url(settings.database_url)) if settings.database_url.startswith("mysql") else None
