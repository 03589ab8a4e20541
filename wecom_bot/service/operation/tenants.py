"""Take tenants in from a file, and give them out as one: what customers of ours keep under version control.

A document is what `tomllib` makes of the file: {"tenants": [{"corp_id": ..., "apps": [{...}], ...}]}. An app's entry
holds its profile and its three secrets side by side, because that is how WeCom's console shows them; the tokens for
Coze and for the tenant's own intent service, and the DSN of its database, stand in the tables `coze`, `nlu` and
`business`, beside what they are for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import SecretStr

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.proved import pasted
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput, Misconfigured, Unknown
from wecom_bot.ports import StoredTenant, TenantStore
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.page import Page, paged
from wecom_bot.service.operation.tenant_limits import excesses
from wecom_bot.service.operation.tenant_profile import KEYS, TOKENS, Document, Problem, entries_of
from wecom_bot.service.operation.tenant_proof import prove


class TenantChange(StrEnum):
    """What an import did to a tenant."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ShownTenant:
    """A tenant without its secrets: for which apps and tables (coze, nlu, business) there are some, or why not."""

    tenant: Tenant
    sealed_apps: frozenset[str]
    sealed_tables: frozenset[str]
    trouble: str


@dataclass(frozen=True, slots=True)
class ImportTenants:
    """Add or replace tenants by corp ID: everything is proved first, then all are kept or none."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, document: Document) -> Sequence[tuple[CorpId, TenantChange]]:
        """Secrets and `active` that the file leaves out stay as they are. Raises InvalidInput with all problems.

        A `token = ""` or `dsn = ""` in a table removes the stored one. NotPermitted, TemporaryFailure, too.
        """
        with self.admission.to_many(actor, Right.GOVERN, "tenants.import", _said(document)):
            before = {stored.tenant.corp_id: stored for stored in self.store.load_all()}
            proved = _proved(document, before)
            changes = [(corp_id, _change(before.get(corp_id), stored)) for corp_id, stored in proved.items()]
            self.store.save_all(proved[corp_id] for corp_id, change in changes if change is not TenantChange.UNCHANGED)
            return changes


@dataclass(frozen=True, slots=True)
class ExportTenants:
    """The document from which an import makes the same tenants."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, corp_ids: Collection[str] = (), *, with_secrets: bool = False) -> Document:
        """All tenants of the actor's, or these. Raises Unknown; Misconfigured for secrets that cannot be read.

        NotPermitted, TemporaryFailure, too.
        """
        right = Right.GOVERN if with_secrets else Right.LOOK
        asked = [CorpId(corp_id) for corp_id in corp_ids]
        with self.admission.to_many(actor, right, "tenants.export", asked):
            stored = {tenant.tenant.corp_id: tenant for tenant in _of(actor, self.store)}
            if missing := sorted(set(asked) - set(stored)):
                raise Unknown(f"没有这些租户 / there are no such tenants: {', '.join(missing)}")
            chosen = [tenant for corp_id, tenant in stored.items() if not asked or corp_id in asked]
            return {"tenants": [_entry(tenant, with_secrets=with_secrets) for tenant in chosen]}


@dataclass(frozen=True, slots=True)
class ListTenants:
    """The tenants of the actor's, by corp ID; with `after`, those behind this one."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, *, most: int | None = None, after: str | None = None) -> Page[ShownTenant]:
        """Without their secrets. Raises NotPermitted; Unknown for another's cursor; TemporaryFailure."""
        with self.admission.to_many(actor, Right.LOOK, "tenants.list"):
            shown = [_shown(stored) for stored in _of(actor, self.store)]
            return paged(shown, lambda each: each.tenant.corp_id, most, after)


@dataclass(frozen=True, slots=True)
class ShowTenant:
    """One tenant, without its secrets."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, corp_id: CorpId) -> ShownTenant:
        """Raises NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "tenants.show", corp_id):
            return _shown(self.store.load(corp_id))


@dataclass(frozen=True, slots=True)
class SwitchTenant:
    """Switch a tenant on or off: off, WeCom is answered and customers are not. It works on one we cannot read."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, corp_id: CorpId, *, active: bool) -> None:
        """Raises NotPermitted, Unknown, TemporaryFailure."""
        verb = "tenants.on" if active else "tenants.off"
        with self.admission(actor, Right.GOVERN, verb, corp_id, left=True):
            self.store.set_active(corp_id, active=active)


@dataclass(frozen=True, slots=True)
class RemoveTenant:
    """Forget a tenant and its secrets; what else it has stays."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, corp_id: CorpId) -> None:
        """Raises NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.GOVERN, "tenants.remove", corp_id):
            self.store.remove(corp_id)


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Write the score from which on an article is the answer, and lower the menu's where it stands above."""

    admission: Admission
    store: TenantStore

    def __call__(self, actor: Actor, corp_id: CorpId, answer: float) -> float:
        """What it was. Raises InvalidInput where secrets are unreadable; NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.WRITE, "tenants.threshold", corp_id):
            stored = self.store.load(corp_id)
            if stored.trouble:  # to save it would be to lose them
                raise InvalidInput(f"{stored.trouble}；没有写 / nothing was written")
            bars = stored.tenant.thresholds
            changed = bars.model_copy(update={"answer": answer, "suggest": min(bars.suggest, answer)})
            self.store.save_all([replace(stored, tenant=stored.tenant.model_copy(update={"thresholds": changed}))])
            return bars.answer


def _said(document: Document) -> list[CorpId]:
    """The corp IDs that a document names, however well it does so: what is no table is refused later."""
    entries = document.get("tenants")
    tables = [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else []
    return [CorpId(str(pasted(each.get("corp_id", "")))) for each in tables]


def _proved(document: Document, before: Mapping[CorpId, StoredTenant]) -> dict[CorpId, StoredTenant]:
    """The tenants of the document. Raises InvalidInput with everything that is wrong with it."""
    entries, problems = entries_of(document)
    proved: dict[CorpId, StoredTenant] = {}
    for index, entry in enumerate(entries):
        path = f"tenants[{index}]"
        known = before.get(CorpId(str(pasted(entry.get("corp_id", "")))))
        tenant, wrong = prove(entry, known, path)
        problems += wrong
        problems += (Problem(path + where, advice) for where, advice in excesses(entry))
        if tenant is not None and tenant.tenant.corp_id in proved:
            problems.append(Problem(f"{path}.corp_id", "同一企业写了两次，请合并 / the same corp twice"))
        elif tenant is not None:
            proved[tenant.tenant.corp_id] = tenant
    if problems:
        head = f"租户文件有 {len(problems)} 处错误，什么都没有导入 / nothing was imported:"
        raise InvalidInput("\n".join([head, *map(str, problems)]))
    return proved


def _of(actor: Actor, store: TenantStore) -> list[StoredTenant]:
    return [stored for stored in store.load_all() if stored.tenant.corp_id in actor.tenants]


def _shown(stored: StoredTenant) -> ShownTenant:
    tables = (table for table, field in TOKENS.items() if getattr(stored.secrets, field).get_secret_value())
    return ShownTenant(stored.tenant, frozenset(stored.credentials), frozenset(tables), stored.trouble)


def _change(before: StoredTenant | None, after: StoredTenant) -> TenantChange:
    if before is None:
        return TenantChange.ADDED
    return TenantChange.UNCHANGED if before == after else TenantChange.CHANGED


def _entry(stored: StoredTenant, *, with_secrets: bool) -> Document:
    tenant = stored.tenant
    entry = {"corp_id": tenant.corp_id, "name": tenant.name, "active": tenant.active}
    entry |= tenant.model_dump(mode="json", exclude_defaults=True)
    if not with_secrets:
        return entry
    if stored.trouble:
        raise Misconfigured(stored.trouble)
    return entry | {"apps": list(_apps(stored))} | _tokens(stored, entry)


def _tokens(stored: StoredTenant, entry: Mapping[str, Any]) -> dict[str, object]:
    """The tables that hold a token, with it."""
    given = {table: getattr(stored.secrets, field).get_secret_value() for table, field in TOKENS.items()}
    return {table: {**entry.get(table, {}), KEYS[table]: token} for table, token in given.items() if token}


def _apps(stored: StoredTenant) -> Iterator[Document]:
    for app in stored.tenant.apps:
        secrets: Mapping[str, SecretStr] = dict(stored.credentials[app.name]) if app.name in stored.credentials else {}
        profile = app.model_dump(mode="json", exclude_defaults=True)
        yield profile | {name: value.get_secret_value() for name, value in secrets.items()}
