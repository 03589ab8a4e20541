"""Connection pools, one for each tenant's database: bounded, kept while they are used, closed when they are not."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import sqlalchemy as sa
from sqlalchemy import event

from wecom_bot.adapters.business.connecting import DatabasePlace, Patience, pool, url_of
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, WecomBotError
from wecom_bot.outbound.usage import Usage
from wecom_bot.ports import Tenants

UNUSED = timedelta(minutes=10)
"""A pool that nobody asked for so long is closed."""

_MOST = 256  # pools of a process: who was not asked for longest makes room


@dataclass(slots=True)
class _Pool:
    dsn: str = field(repr=False)
    size: int
    engine: sa.Engine
    used_at: float

    @property
    def in_use(self) -> int:
        """How many connections are."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, sa.QueuePool) else 0


@dataclass(slots=True)
class Pools:
    """The pools of one process. No two tenants share one, not even where their databases are the same."""

    tenants: Tenants
    own: DatabasePlace | None = None
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], float] = monotonic
    waited: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)  # counted by who asks
    _pools: dict[CorpId, _Pool] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def of(self, tenant: Tenant) -> tuple[str, sa.Engine]:
        """The tenant's DSN, and the pool to it; one to where the tenant's database was before is closed.

        Raises Misconfigured where the tenant has none, or none that may be asked.
        """
        dsn = self.tenants.secrets(tenant.corp_id).business_dsn.get_secret_value()
        size = tenant.business.connections
        with self._lock:
            known = self._pools.get(tenant.corp_id)
            if known is not None and (known.dsn, known.size) == (dsn, size):
                known.used_at = self.clock()
                self.waited += known.in_use >= size
                return dsn, known.engine
            self._close(tenant.corp_id)
            if not dsn:
                raise Misconfigured("租户文件里没有 business.dsn / there is no business.dsn in the tenants' file")
            engine = pool(url_of(dsn, self.own), size, self.patience)
            while len(self._pools) >= _MOST:
                self._close(min(self._pools, key=lambda each: self._pools[each].used_at))
            self._pools[tenant.corp_id] = _Pool(dsn, size, engine, self.clock())
        return dsn, engine

    def usage(self) -> Usage:
        """How the connections to all tenants' databases are used."""
        with self._lock:
            known = list(self._pools.values())
        return Usage(sum(each.in_use for each in known), sum(each.size for each in known), self.waited, self.failed)

    def tidy(self) -> None:
        """Close what nobody used for long, and what leads to where a tenant's database is no more. Raises nothing."""
        with self._lock:
            now = self.clock()
            for corp_id, known in list(self._pools.items()):
                if now - known.used_at > UNUSED.total_seconds() or self._dsn(corp_id) != known.dsn:
                    self._close(corp_id)

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            for corp_id in list(self._pools):
                self._close(corp_id)

    def _close(self, corp_id: CorpId) -> None:
        """What is under way ends first: its connection is closed when it comes back."""
        if known := self._pools.pop(corp_id, None):
            event.listen(known.engine, "checkin", _closed)
            known.engine.dispose()

    def _dsn(self, corp_id: CorpId) -> str:
        try:
            return self.tenants.secrets(corp_id).business_dsn.get_secret_value()
        except WecomBotError:
            return ""


def _closed(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.close()
