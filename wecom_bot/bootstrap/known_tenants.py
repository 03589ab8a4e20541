"""Tenants that were loaded once, for a command that is over before they change."""

from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.secrets import Credentials, TenantSecrets
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Unknown
from wecom_bot.ports import StoredTenant


@dataclass(frozen=True, slots=True)
class KnownTenants:
    """ports.Tenants over what was just loaded."""

    stored: Sequence[StoredTenant]

    def get(self, corp_id: CorpId) -> Tenant:
        return self._of(corp_id).tenant

    def credentials(self, corp_id: CorpId, app: str) -> Credentials:
        found = self._of(corp_id).credentials
        if app not in found:
            raise Unknown(f"租户 {corp_id} 没有应用 {app!r} 或其密钥 / no such app, or no secrets for it")
        return found[app]

    def secrets(self, corp_id: CorpId) -> TenantSecrets:
        return self._of(corp_id).secrets

    def all(self) -> Sequence[Tenant]:
        return [each.tenant for each in self.stored]

    def _of(self, corp_id: CorpId) -> StoredTenant:
        for each in self.stored:
            if each.tenant.corp_id == corp_id:
                return each
        raise Unknown(f"没有租户 {corp_id} / there is no tenant {corp_id}")
