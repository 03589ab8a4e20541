"""From where WeCom calls back, for the allow-list of a proxy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import TemporaryFailure, Unknown, WecomBotError
from wecom_bot.ports import CallerSource, Network, Tenants


@dataclass(frozen=True, slots=True)
class Found:
    """The networks, which app was told of them, and why others were not: corp, app and reason."""

    networks: Sequence[Network]
    corp_id: CorpId
    app: str
    failed: Sequence[tuple[CorpId, str, str]]


@dataclass(frozen=True, slots=True)
class FindCallers:
    """Ask WeCom as an app of ours. One that is told is enough: WeCom's addresses are the same for all."""

    tenants: Tenants
    source: CallerSource

    def __call__(self, corp_id: str | None = None, app: str | None = None) -> Found:
        """What the first app that may ask is told; of all active tenants, or as far as corp and app are named.

        Raises Unknown where there is nobody to ask as; what the only one was refused with; TemporaryFailure where
        several were.
        """
        failed: list[tuple[CorpId, str, str]] = []
        last: WecomBotError = Unknown(
            "没有启用的租户，请先导入 / there is no active tenant: `wecom-bot tenants import`"
        )
        for tenant, each in self._askers(corp_id, app):
            try:
                found = self.source.fetch(tenant.corp_id, each.name)
            except WecomBotError as e:
                last = e
                failed.append((tenant.corp_id, each.name, str(e)))
            else:
                return Found(found, tenant.corp_id, each.name, failed)
        if len(failed) > 1:
            reasons = "\n".join(f"  {corp} {name}: {reason}" for corp, name, reason in failed)
            raise TemporaryFailure(f"一个应用都没问到 / no app was told:\n{reasons}") from last
        raise last

    def _askers(self, corp_id: str | None, app: str | None) -> Iterator[tuple[Tenant, App]]:
        if corp_id is None:
            tenants: Sequence[Tenant] = [each for each in self.tenants.all() if each.active]
        else:
            tenants = [self.tenants.get(CorpId(corp_id))]
        for tenant in tenants:
            for each in tenant.apps if app is None else [tenant.app(app)]:
                yield tenant, each
