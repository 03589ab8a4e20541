"""Whether a tenant's bot and workflow at Coze can be called: its token, their publication, what the workflow takes.

And whether its own intent service, if it has one, is there.

Nothing is asked that costs: no chat, no run. What Coze says in words is not repeated: it may quote the token.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from wecom_bot.adapters.coze.client import usable
from wecom_bot.adapters.coze.codes import PUBLISH_BOT, PUBLISH_WORKFLOW, UNAUTHORIZED, FailureKind
from wecom_bot.adapters.coze.envelope import whole
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.recognizers import PARAMETERS
from wecom_bot.adapters.coze.wire import CozeWire
from wecom_bot.domain.finding import Finding, doubtful, failed, skipped, well
from wecom_bot.domain.tenant import Coze, Tenant
from wecom_bot.errors import Misconfigured
from wecom_bot.outbound import trouble
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.session import session

_DEADLINE = timedelta(seconds=10)
_SECONDS = 8.0
_NO_RIGHT = 4101
_NUMBERS, _TEXTS = {"integer", "number"}, {"string"}
_PERSONAL = "pat_"


@dataclass(frozen=True, slots=True)
class CozeCheckup:
    """Looks at the tenants of one Coze."""

    base_url: str
    egress: Egress = DIRECT

    def look(self, tenant: Tenant, token: str) -> Iterator[Finding]:
        """The findings of a tenant with this token, its own or the one for all; empty for none."""
        about, coze = tenant.corp_id, tenant.coze
        if not (coze.bot_id or coze.workflow_id):
            yield skipped("coze", "租户没有用扣子 / the tenant does not use Coze", about=about)
            return
        try:
            token = usable(token)
        except Misconfigured as e:
            yield failed(
                "coze.token",
                str(e),
                "在租户文件写 coze.token，或设 WECOM_BOT_COZE_TOKEN / set coze.token in the tenants' file, or"
                " WECOM_BOT_COZE_TOKEN",
                about,
            )
            return
        wire = CozeWire(self.base_url, pool=2, egress=self.egress)
        if coze.bot_id:
            yield self._bot(wire, tenant, token)
        if coze.workflow_id:
            yield from self._workflow(wire, tenant, token)

    def _bot(self, wire: CozeWire, tenant: Tenant, token: str) -> Finding:
        bot_id = tenant.coze.bot_id
        try:
            _asked(wire, f"/v1/bots/{bot_id}", token, {"is_published": "true"})
        except Failed as e:
            return _told("coze.bot", f"智能体 / bot {bot_id}", e, PUBLISH_BOT, tenant.corp_id)
        life = (
            "；个人令牌最长 30 天，记着换 / a personal token lives 30 days at most"
            if token.startswith(_PERSONAL)
            else ""
        )
        return well("coze.bot", f"智能体已发布到 API / published to the API: {bot_id}{life}", tenant.corp_id)

    def _workflow(self, wire: CozeWire, tenant: Tenant, token: str) -> Iterator[Finding]:
        check, about, workflow_id = "coze.workflow", tenant.corp_id, tenant.coze.workflow_id
        try:
            data = _asked(wire, f"/v1/workflows/{workflow_id}", token, {"include_input_output": "true"})
        except Failed as e:
            yield _told(check, f"工作流 / workflow {workflow_id}", e, PUBLISH_WORKFLOW, about)
            return
        declared = _parameters(data)
        if declared is None:
            yield skipped(
                check,
                f"工作流在；扣子没有说它要哪些参数 / it is there; Coze does not say what it takes: {workflow_id}",
                about=about,
            )
            return
        yield from _against(declared, tenant.coze, about)


def _asked(wire: CozeWire, path: str, token: str, query: Mapping[str, str]) -> Mapping[str, Any]:
    """The `data` of an answer. Raises Failed."""
    with wire.get(path, token, Deadline.after(_DEADLINE), query) as exchange:
        data = whole(exchange).get("data")
    return data if isinstance(data, dict) else {}


def _told(check: str, what: str, error: Failed, mend: str, about: str) -> Finding:
    facts = _facts(error)
    if error.code == _NO_RIGHT:
        return doubtful(
            check,
            f"查不了，令牌没有查看的权限 / the token may not look at it: {what}{facts}",
            "要查就给令牌勾选 getMetadata（智能体）和 getMetaData（工作流）；对话照常也要 chat、run"
            " / tick getMetadata (bots) and getMetaData (workflows) for the token; chat and run are needed anyway",
            about,
        )
    if error.kind is FailureKind.AUTH:
        return failed("coze.token", f"扣子不认令牌 / Coze refuses the token:{facts}", UNAUTHORIZED, about)
    if error.kind in {FailureKind.CONFIG, FailureKind.QUOTA}:
        return failed(check, f"{what}:{facts or ' ' + str(error.kind)}", error.hint or mend, about)
    if error.kind in {FailureKind.UNREACHABLE, FailureKind.LATE, FailureKind.BROKEN}:
        return failed(
            check,
            f"连不上扣子 / Coze cannot be reached: {error.kind}{facts}",
            "查 WECOM_BOT_COZE_BASE_URL、DNS、防火墙、出口 / see WECOM_BOT_COZE_BASE_URL, DNS, the firewall",
            about,
        )
    return doubtful(check, f"{what}: 扣子没有说清 / Coze was not clear:{facts}", "过一会再查 / look again later", about)


def _facts(error: Failed) -> str:
    """Its numbers, and our own words for it."""
    parts = (
        f" code {error.code}" if error.code is not None else "",
        f" HTTP {error.status}" if error.status else "",
        f" ({error.said})" if error.said else "",
        f" logid {error.logid}" if error.logid else "",
    )
    return "".join(parts)


def _parameters(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]] | None:
    """What the start node takes, by name; None where Coze does not say."""
    given = data.get("input")
    found = given.get("parameters") if isinstance(given, dict) else None
    if not isinstance(found, dict):
        return None
    return {str(name): shape if isinstance(shape, dict) else {} for name, shape in found.items()}


def _against(declared: Mapping[str, Mapping[str, Any]], coze: Coze, about: str) -> Iterator[Finding]:
    """The findings of what the workflow takes, held against what we send."""
    check = "coze.parameters"
    renamed: Mapping[str, str] = {str(ours): theirs for ours, theirs in coze.parameters.items()}
    theirs = {ours: renamed.get(ours) or ours for ours in PARAMETERS}
    if theirs["query"] not in declared:
        yield failed(
            check,
            f"开始节点没有参数 {theirs['query']}，客户的话进不去 / the start node has no {theirs['query']}"
            f" for the customer's words; it has: {', '.join(sorted(declared)) or '-'}",
            "改开始节点，或在租户文件用 [tenants.coze.parameters] 写上它叫什么，然后重新发布"
            " / rename it there, or say its name in [tenants.coze.parameters]; then publish again",
            about,
        )
        return
    found = [*_of_inputs(declared, theirs, about)]
    yield from found or [well("coze.workflow", f"工作流可用 / ready: {coze.workflow_id}", about)]


def _of_inputs(declared: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, str], about: str) -> Iterator[Finding]:
    """The findings of what is wrong with what the start node takes beside the customer's words."""
    check, sent = "coze.parameters", set(theirs.values())
    lacking = [name for name, shape in sorted(declared.items()) if name not in sent and _must(shape)]
    if lacking:
        yield failed(
            check,
            f"开始节点必填而我们不送的 / required there and never sent: {', '.join(lacking)}",
            f"改成非必填或给默认值；我们送的是 {', '.join(sorted(sent))} / make it optional, or give it a default",
            about,
        )
    odd = [f"{name}: {shape.get('type')}" for name, shape in sorted(declared.items()) if not _fits(name, shape, theirs)]
    if odd:
        yield doubtful(
            check,
            f"参数类型与我们送的不同 / of another type than what we send: {', '.join(odd)}",
            f"{theirs['topk']} 用 Integer，其余用 String / Integer for {theirs['topk']}, String for the others",
            about,
        )


def _must(shape: Mapping[str, Any]) -> bool:
    return bool(shape.get("required")) and shape.get("default_value") in (None, "")


def _fits(name: str, shape: Mapping[str, Any], theirs: Mapping[str, str]) -> bool:
    kind = str(shape.get("type") or "").lower()
    if not kind or name not in theirs.values():
        return True
    return kind in (_NUMBERS if name == theirs["topk"] else _TEXTS)


def look_at_nlu(tenant: Tenant, token: str, egress: Egress = DIRECT) -> Iterator[Finding]:
    """The finding of the tenant's own intent service, where it has one: whether anybody answers there.

    No words are sent, and no token: whatever it answers is an answer.
    """
    check, about, base_url = "nlu", tenant.corp_id, tenant.nlu.base_url
    if not base_url:
        return
    if not token:
        mend = "在租户文件写 nlu.token / set nlu.token in the tenants' file"
        yield failed(check, "没有令牌 / there is no token for it", mend, about)
        return
    try:
        with session(1, egress).get(base_url, timeout=_SECONDS, allow_redirects=False, stream=True) as answer:
            status = answer.status_code
    except (requests.RequestException, HTTPError, ValueError) as e:
        yield failed(
            check,
            f"连不上 / cannot be reached: {base_url} ({trouble.reason(e)})",
            trouble.advice(e)
            or "看意图服务是否在运行、nlu.base_url、DNS、防火墙 / see whether it runs, nlu.base_url, DNS, the firewall",
            about,
        )
        return
    yield well(check, f"有人应答，没有发送任何话 / answers, and was sent no words: {base_url} (HTTP {status})", about)
