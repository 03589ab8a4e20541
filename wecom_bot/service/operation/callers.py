"""From where WeCom calls back, for the allow-list of a proxy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import TemporaryFailure, Unknown, WecomBotError
from wecom_bot.ports import CallerSource, Network, TenantStore
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission


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

    admission: Admission
    store: TenantStore
    source: Callable[[], CallerSource]  # opened once, when somebody may ask

    def __call__(self, actor: Actor, corp_id: CorpId | None = None, app: str | None = None) -> Found:
        """What the first app that may ask is told; of the actor's active tenants, or as far as corp and app are named.

        Raises Unknown where there is nobody to ask as; what the only one was refused with; TemporaryFailure where
        several were; NotPermitted.
        """
        with self.admission.to_many(actor, Right.LOOK, "callers.find", [corp_id] if corp_id else []):
            return self._told(actor, corp_id, app)

    def _told(self, actor: Actor, corp_id: CorpId | None, app: str | None) -> Found:
        source = self.source()
        failed: list[tuple[CorpId, str, str]] = []
        last: WecomBotError = Unknown(
            "没有启用的租户，请先导入 / there is no active tenant: `wecom-bot tenants import`"
        )
        for tenant, each in self._askers(actor, corp_id, app):
            try:
                found = source.fetch(tenant.corp_id, each.name)
            except WecomBotError as e:
                last = e
                failed.append((tenant.corp_id, each.name, str(e)))
            else:
                return Found(found, tenant.corp_id, each.name, failed)
        if len(failed) > 1:
            reasons = "\n".join(f"  {corp} {name}: {reason}" for corp, name, reason in failed)
            raise TemporaryFailure(f"一个应用都没问到 / no app was told:\n{reasons}") from last
        raise last

    def _askers(self, actor: Actor, corp_id: CorpId | None, app: str | None) -> Iterator[tuple[Tenant, App]]:
        if corp_id is None:
            active = (each.tenant for each in self.store.load_all() if each.tenant.active)
            tenants = [each for each in active if each.corp_id in actor.tenants]
        else:
            tenants = [self.store.load(corp_id).tenant]
        for tenant in tenants:
            for each in tenant.apps if app is None else [tenant.app(app)]:
                yield tenant, each
