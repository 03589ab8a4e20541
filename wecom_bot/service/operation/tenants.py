"""Take tenants in from a file, and give them out as one: what customers of ours keep under version control.

A document is what `tomllib` makes of the file: {"tenants": [{"corp_id": ..., "apps": [{...}], ...}]}. An app's entry
holds its profile and its three secrets side by side, because that is how WeCom's console shows them; the tokens for
Coze and for the tenant's own intent service stand in the tables `coze` and `nlu`, beside what they are for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import SecretStr

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.proved import pasted
from wecom_bot.errors import InvalidInput, Misconfigured, Unknown
from wecom_bot.ports import StoredTenant, TenantStore
from wecom_bot.service.operation.tenant_limits import excesses
from wecom_bot.service.operation.tenant_profile import TOKEN, TOKENS, Document, Problem, entries_of
from wecom_bot.service.operation.tenant_proof import prove


class Change(StrEnum):
    """What an import did to a tenant."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ImportTenants:
    """Add or replace tenants by corp ID: everything is proved first, then all are kept or none."""

    store: TenantStore

    def __call__(self, document: Document) -> Sequence[tuple[CorpId, Change]]:
        """Secrets and `active` that the file leaves out stay as they are. Raises InvalidInput with all problems.

        A `token = ""` for Coze or the intent service removes the stored one.
        """
        before = {stored.tenant.corp_id: stored for stored in self.store.load_all()}
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
        changes = [(corp_id, _change(before.get(corp_id), stored)) for corp_id, stored in proved.items()]
        self.store.save_all(proved[corp_id] for corp_id, change in changes if change is not Change.UNCHANGED)
        return changes


@dataclass(frozen=True, slots=True)
class ExportTenants:
    """The document from which an import makes the same tenants."""

    store: TenantStore

    def __call__(self, corp_ids: Collection[str] = (), *, with_secrets: bool = False) -> Document:
        """All tenants, or these. Raises Unknown; Misconfigured for secrets that cannot be read."""
        stored = {tenant.tenant.corp_id: tenant for tenant in self.store.load_all()}
        if missing := sorted(set(corp_ids) - set(stored)):
            raise Unknown(f"没有这些租户 / there are no such tenants: {', '.join(missing)}")
        chosen = [tenant for corp_id, tenant in stored.items() if not corp_ids or corp_id in corp_ids]
        return {"tenants": [_entry(tenant, with_secrets=with_secrets) for tenant in chosen]}


def _change(before: StoredTenant | None, after: StoredTenant) -> Change:
    if before is None:
        return Change.ADDED
    return Change.UNCHANGED if before == after else Change.CHANGED


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
    return {table: {**entry.get(table, {}), TOKEN: token} for table, token in given.items() if token}


def _apps(stored: StoredTenant) -> Iterator[Document]:
    for app in stored.tenant.apps:
        secrets: Mapping[str, SecretStr] = dict(stored.credentials[app.name]) if app.name in stored.credentials else {}
        profile = app.model_dump(mode="json", exclude_defaults=True)
        yield profile | {name: value.get_secret_value() for name, value in secrets.items()}
