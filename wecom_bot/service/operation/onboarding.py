"""Take tenants in from a file, and give them out as one: what customers of ours keep under version control.

A document is what `tomllib` makes of the file: {"tenants": [{"corp_id": ..., "apps": [{...}], ...}]}. An app's entry
holds its profile and its three secrets side by side, because that is how WeCom's console shows them; the tokens for
Coze and for the tenant's own intent service stand in the tables `coze` and `nlu`, beside what they are for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import SecretStr, ValidationError

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.proved import pasted
from wecom_bot.domain.tenant import Credentials, Tenant, TenantSecrets
from wecom_bot.errors import InvalidInput, Misconfigured, Unknown
from wecom_bot.ports import StoredTenant, TenantStore
from wecom_bot.service.operation.tenant_limits import excesses
from wecom_bot.service.operation.tenant_profile import (
    SECRETS,
    TOKEN,
    TOKENS,
    Document,
    Problem,
    advice_on,
    entries_of,
    problem_of,
    profile_of,
)

_WHERE_TO_FIND = {
    "secret": "企业微信管理后台 → 应用详情 → Secret / the app's Secret in WeCom's console",
    "token": "应用 → 接收消息 → Token / the Token of the app's callback",
    "encoding_aes_key": "应用 → 接收消息 → EncodingAESKey / the EncodingAESKey of the app's callback",
}


def holds_secrets(node: object) -> bool:
    """Whether a document, or a part of one, says a secret or a token."""
    match node:
        case Mapping():
            return any((key in SECRETS and bool(value)) or holds_secrets(value) for key, value in node.items())
        case list():
            return any(map(holds_secrets, node))
        case _:
            return False


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
            tenant, wrong = _prove(entry, known, path)
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


def _prove(
    entry: dict[str, object], known: StoredTenant | None, path: str
) -> tuple[StoredTenant | None, list[Problem]]:
    """The tenant that the entry describes, or everything that is wrong with it."""
    profile = profile_of(entry)
    if known is not None:
        profile.setdefault("active", known.tenant.active)
    apps = entry.get("apps")
    secrets, problems = _secrets(entry, known, path)
    credentials: dict[str, Credentials] = {}
    for index, app in enumerate(apps if isinstance(apps, list) else []):
        if isinstance(app, dict):
            of_app, wrong = _credentials(app, known, f"{path}.apps[{index}]")
            problems += wrong
            if of_app is not None:
                credentials[str(pasted(app.get("name")))] = of_app
    try:
        tenant = Tenant.model_validate(profile)
    except ValidationError as e:
        return None, [*(problem_of(error, path, profile) for error in e.errors()), *problems]
    return (None, problems) if problems else (StoredTenant(tenant, credentials, secrets=secrets), [])


def _secrets(entry: Mapping[str, object], known: StoredTenant | None, path: str) -> tuple[TenantSecrets, list[Problem]]:
    """The tenant's own tokens: what the entry says, and for what it does not say, what is stored."""
    merged: dict[str, object] = dict(known.secrets) if known else {}
    wrong: list[tuple[str, str]] = []
    for table, field in TOKENS.items():
        given = entry.get(table)
        if isinstance(given, dict) and TOKEN in given:
            merged[field] = given[TOKEN]
        elif isinstance(given, dict) and known and known.trouble:  # nobody knows whether there was one
            wrong.append(
                (field, f'请重新填写，没有就写 "" / write it again, or "" if there is none（{known.trouble}）')
            )
    try:
        secrets = TenantSecrets.model_validate(merged)
    except ValidationError as e:
        secrets = TenantSecrets()
        wrong += [(str(error["loc"][0]), advice_on(error)) for error in e.errors()]
    tables = {field: table for table, field in TOKENS.items()}
    return secrets, [Problem(f"{path}.{tables[field]}.{TOKEN}", advice) for field, advice in wrong]


def _credentials(
    app: Mapping[str, object], known: StoredTenant | None, path: str
) -> tuple[Credentials | None, list[Problem]]:
    """The app's secrets: what the entry says, and for what it does not say, what is stored."""
    stored = known.credentials.get(str(pasted(app.get("name")))) if known else None
    merged: dict[str, object] = dict(stored) if stored else {}
    merged.update({name: app[name] for name in SECRETS if app.get(name)})
    if missing := [name for name in SECRETS if name not in merged]:
        return None, _where_to_find(missing, known, path)
    try:
        return Credentials.model_validate(merged), []
    except ValidationError as e:
        return None, [problem_of(error, path) for error in e.errors()]


def _where_to_find(missing: Sequence[str], known: StoredTenant | None, path: str) -> list[Problem]:
    why = f"（{known.trouble}）" if known and known.trouble else ""
    return [
        Problem(f"{path}.{name}", f"缺少，请从这里复制 / missing, copy it from: {_WHERE_TO_FIND[name]}{why}")
        for name in missing
    ]


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
