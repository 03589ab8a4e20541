"""Whom we serve, and what time it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.secrets import Credentials, TenantSecrets
from wecom_bot.domain.tenant import Tenant


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


TimeLimit = Callable[[timedelta], AbstractContextManager[None]]
"""A block that raises TookTooLong when it runs longer than this."""


class Tenants(Protocol):
    """The companies that we serve, from memory: no call here waits for SQL. A change is seen within two seconds."""

    def get(self, corp_id: CorpId) -> Tenant:
        """The tenant, switched on or off. Raises Unknown."""

    def credentials(self, corp_id: CorpId, app: str) -> Credentials:
        """The secrets of one app. Raises Unknown; Misconfigured where they are stored and cannot be read."""

    def secrets(self, corp_id: CorpId) -> TenantSecrets:
        """The tenant's own tokens elsewhere, empty where it has none. Raises like `credentials`."""

    def all(self) -> Sequence[Tenant]:
        """Every tenant, by corp ID."""


@dataclass(frozen=True, slots=True)
class StoredTenant:
    """A tenant as it is kept, with its secrets by app name; `trouble` says why they are not there if unreadable."""

    tenant: Tenant
    credentials: Mapping[str, Credentials]
    trouble: str = ""
    secrets: TenantSecrets = field(default_factory=TenantSecrets)


class TenantStore(Protocol):
    """Where tenants are kept, in SQL: for commands, and as the source of `Tenants`."""

    def load_all(self) -> Sequence[StoredTenant]:
        """Every tenant, by corp ID; what cannot be read of one does not hide the others."""

    def load(self, corp_id: CorpId) -> StoredTenant:
        """One tenant. Raises Unknown."""

    def save_all(self, tenants: Iterable[StoredTenant]) -> None:
        """Add or replace them by corp ID, all or none."""

    def remove(self, corp_id: CorpId) -> None:
        """Forget the tenant and its secrets. Raises Unknown."""

    def set_active(self, corp_id: CorpId, *, active: bool) -> None:
        """Switch the tenant on or off. Raises Unknown."""

    def revision(self) -> int:
        """Rises with every change."""
