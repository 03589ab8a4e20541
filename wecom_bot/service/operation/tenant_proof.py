"""What a tenants' file says of a tenant with its secrets, beside what is stored; and what is wrong with it."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from wecom_bot.domain.proved import pasted
from wecom_bot.domain.secrets import Credentials, TenantSecrets
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import StoredTenant
from wecom_bot.service.operation.tenant_profile import (
    KEYS,
    SECRETS,
    TOKENS,
    Problem,
    advice_on,
    problem_of,
    profile_of,
)

_WHERE_TO_FIND = {
    "secret": "企业微信管理后台 → 应用详情 → Secret / the app's Secret in WeCom's console",
    "token": "应用 → 接收消息 → Token / the Token of the app's callback",
    "encoding_aes_key": "应用 → 接收消息 → EncodingAESKey / the EncodingAESKey of the app's callback",
}


_SECRET_KEYS = frozenset((*SECRETS, *KEYS.values()))


def holds_secrets(node: object) -> bool:
    """Whether a document, or a part of one, says a secret or a token."""
    match node:
        case Mapping():
            return any((key in _SECRET_KEYS and bool(value)) or holds_secrets(value) for key, value in node.items())
        case list():
            return any(map(holds_secrets, node))
        case _:
            return False


def prove(entry: dict[str, object], known: StoredTenant | None, path: str) -> tuple[StoredTenant | None, list[Problem]]:
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
        if isinstance(given, dict) and KEYS[table] in given:
            merged[field] = given[KEYS[table]]
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
    return secrets, [Problem(f"{path}.{tables[field]}.{KEYS[tables[field]]}", advice) for field, advice in wrong]


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
