"""Intents by the tenant's own service, and by a workflow at Coze. Personal data is masked before it leaves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.adapters.coze.identity import pseudonym
from wecom_bot.adapters.coze.nlu import NluClient, Query
from wecom_bot.adapters.coze.normaliser import Unreadable, read
from wecom_bot.adapters.coze.outgoing import Outgoing
from wecom_bot.domain.dialog import FALLBACK, Turn, Understanding
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured
from wecom_bot.ports import Tenants
from wecom_bot.telemetry import logs

log = logs.get(__name__)

TOPK = 3
PARAMETERS = ("query", "topk", "project_key", "context")
"""What a workflow is sent, by our names."""


@dataclass(frozen=True, slots=True)
class HttpRecognizer:
    """Implements ports.IntentRecognizer by the tenant's own service, `nlu.base_url`."""

    client: NluClient
    tenants: Tenants
    deadline: timedelta = timedelta(seconds=1.5)

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        if not tenant.nlu.base_url:
            raise Misconfigured(f"租户 {tenant.corp_id} 没有设置 nlu.base_url / tenant has no nlu.base_url")
        token = self.tenants.secrets(tenant.corp_id).nlu_token.get_secret_value()
        if not token.strip():
            raise Misconfigured(f"租户 {tenant.corp_id} 没有设置 nlu.token / tenant has no nlu.token")
        query = Query(Outgoing(tenant, turn).said(), tenant.nlu.project_key, TOPK)
        answer = self.client.predict(tenant.nlu.base_url, token, query, self.deadline)
        return _understanding(tenant, turn, answer, "http")


@dataclass(frozen=True, slots=True)
class WorkflowRecognizer:
    """Implements ports.IntentRecognizer by the tenant's workflow at Coze, `coze.workflow_id`.

    `key` is a secret that makes the customers' pseudonyms hard to guess.
    """

    client: CozeClient
    tenants: Tenants
    default_token: SecretStr
    deadline: timedelta = timedelta(seconds=3)
    key: bytes = b""

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        if not tenant.coze.workflow_id:
            raise Misconfigured(f"租户 {tenant.corp_id} 没有设置 coze.workflow_id / tenant has no coze.workflow_id")
        data = self.client.run_workflow(
            coze_token(self.tenants, tenant, self.default_token),
            workflow_id=tenant.coze.workflow_id,
            parameters=_parameters(tenant, turn),
            user_id=pseudonym(turn.conversation, self.key),
            deadline=self.deadline,
        )
        return _understanding(tenant, turn, data, "coze_workflow")


def coze_token(tenants: Tenants, tenant: Tenant, default: SecretStr) -> str:
    """The tenant's token at Coze, or the one for all. Raises Misconfigured."""
    own = tenants.secrets(tenant.corp_id).coze_token.get_secret_value().strip()
    if token := own or default.get_secret_value().strip():
        return token
    raise Misconfigured(
        f"租户 {tenant.corp_id} 没有扣子令牌：请设置 coze.token 或默认令牌"
        " / tenant has no Coze token, nor is there a default one"
    )


def _parameters(tenant: Tenant, turn: Turn) -> Mapping[str, object]:
    outgoing = Outgoing(tenant, turn)
    context = {"intent": turn.state.intent or "", "slots": outgoing.slots()}
    parameters: dict[str, object] = {
        "query": outgoing.said(),
        "topk": TOPK,
        "project_key": tenant.nlu.project_key,
        "context": json.dumps(context, ensure_ascii=False),
    }
    names: Mapping[str, str] = {str(ours): theirs for ours, theirs in tenant.coze.parameters.items()}
    return {names.get(ours) or ours: value for ours, value in parameters.items()}


def _understanding(tenant: Tenant, turn: Turn, answer: object, source: str) -> Understanding:
    try:
        reading = read(answer, [intent.name for intent in tenant.intents], TOPK)
    except Unreadable as e:
        log.warning("coze.unreadable", recognizer=source, target=tenant.coze.workflow_id, form=str(e))
        raise
    except Failed as failure:
        raise failure.ours(Call(source, "answer", "", tenant.coze.workflow_id, "")) from None
    best = reading.intents[0] if reading.intents else FALLBACK
    # what they saw was masked: stars that the customer did not write are no value
    slots = {name: value for name, value in reading.slots.items() if "*" not in value or value in turn.text}
    return Understanding(best, slots, source)
