"""What a tenants' file says of a tenant beside its secrets, and what is wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wecom_bot.domain.secrets import Credentials
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput
from wecom_bot.service.operation.tenant_limits import excesses

Document = Mapping[str, object]

SECRETS = tuple(Credentials.model_fields)
"""The keys of an app's secrets."""

TOKENS = {"coze": "coze_token", "nlu": "nlu_token", "business": "business_dsn"}
"""Which of the tenant's own secrets stands in which table."""

KEYS = {"coze": "token", "nlu": "token", "business": "dsn"}
"""By what key it stands there."""

_ADVICE = {
    "less_than_equal": "最大 {le}",
    "greater_than_equal": "最小 {ge}",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "literal_error": "只能是 {expected}",
    "string_type": "应是文字，写在引号里",
    "int_type": "应是整数，不写引号",
    "int_parsing": "应是整数，不写引号",
    "bool_type": "应是 true 或 false，不写引号",
    "bool_parsing": "应是 true 或 false，不写引号",
}
"""In Chinese, what pydantic says in English."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Where in the file something is wrong, and what to do."""

    path: str
    advice: str

    def __str__(self) -> str:
        """One line for the operator."""
        return f"  {self.path}: {self.advice}"


def prove_profile(document: Document, file: str) -> Tenant:
    """The one tenant of a document without what is secret of it, which may be missing. Raises InvalidInput."""
    entries, problems = entries_of(document)
    if len(entries) > 1:
        problems.append(Problem("tenants", "只能有一个租户 / there should be one tenant alone"))
    problems += (Problem(f"tenants[0]{where}", advice) for entry in entries[:1] for where, advice in excesses(entry))
    try:
        if not problems:
            return Tenant.model_validate(profile_of(entries[0]))
    except ValidationError as e:
        problems += (problem_of(error, "tenants[0]", entries[0]) for error in e.errors())
    raise InvalidInput("\n".join([f"{file} 有 {len(problems)} 处错误 / problems:", *map(str, problems)]))


def entries_of(document: Document) -> tuple[list[dict[str, object]], list[Problem]]:
    """The tenants of a document, unproved, and what is wrong with it as a whole."""
    problems = [
        Problem(key, "不认识的键，顶层只有 [[tenants]] / unknown: there is only [[tenants]] at the top")
        for key in document
        if key != "tenants"
    ]
    entries = document.get("tenants")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        return [], [*problems, Problem("tenants", "至少写一个 [[tenants]] 表 / write at least one [[tenants]] table")]
    return entries, problems


def profile_of(entry: Mapping[str, object]) -> dict[str, object]:
    """The entry without its secrets."""
    profile = dict(entry)
    if isinstance(apps := entry.get("apps"), list):
        profile["apps"] = [_without(app, SECRETS) for app in apps]
    return profile | {table: _without(entry[table], (key,)) for table, key in KEYS.items() if table in entry}


def problem_of(error: ErrorDetails, path: str, profile: Mapping[str, Any] | None = None) -> Problem:
    """What pydantic found, without the value: it may be a secret. An intent is named: a file may have a hundred."""
    where = path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    match error["loc"], profile:
        case ("intents", int(place), "slots", *_), {"intents": list(intents)} if isinstance(intents[place], dict):
            return Problem(where, f"意图 / intent {intents[place].get('name')}: {advice_on(error)}")
    return Problem(where, advice_on(error))


def advice_on(error: ErrorDetails) -> str:
    """What to do about it."""
    match error["type"]:
        case "missing":
            return "缺少这一项，请补上 / missing: add it"
        case "extra_forbidden":
            return "不认识的键，请改正或删去 / unknown key: correct or remove it"
        case "string_pattern_mismatch":
            return f"格式应为 / should match {error['ctx']['pattern']}"
        case kind if kind in _ADVICE:
            return f"{_ADVICE[kind].format(**error.get('ctx', {}))} / {error['msg']}"
        case _:
            return error["msg"].removeprefix("Value error, ")


def _without(table: object, keys: Collection[str]) -> object:
    """The table without its secrets; what is no table goes on as it is, to be refused."""
    return {key: value for key, value in table.items() if key not in keys} if isinstance(table, dict) else table
