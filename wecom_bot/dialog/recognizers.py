"""Several recognisers as one: whoever knows first is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import FALLBACK, Intent, Turn, Understanding
from wecom_bot.domain.tenant import RecognizerName, Tenant
from wecom_bot.ports import IntentRecognizer
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Chain:
    """Asks the tenant's recognisers in its order, until one names a likely intent that the tenant defines.

    It never raises for a recogniser's failure or bug: the next one is asked, and if nobody knows it is FALLBACK. A
    label that the tenant does not define (other, 其他) stands only if nobody names a better one. Slots are kept
    whoever named them, the first one's value if two did: a model may read a number where it sees no intent.
    """

    providers: Mapping[RecognizerName, IntentRecognizer]

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        slots: dict[str, str] = {}
        last_resort, makeshift = Understanding(), False
        for name in _in_order(tenant):
            if name not in self.providers:
                continue
            try:
                understood = self.providers[name].recognize(tenant, turn)
            except Exception as e:  # noqa: BLE001 - the next one may know, whatever ails this one; the log says where
                failed = {"provider": name, "error": type(e).__name__, "at": logs.place(e)}
                log.warning("intent.provider_failed", corp_id=tenant.corp_id, **failed)
                makeshift = True
                continue
            slots, makeshift = {**understood.slots, **slots}, makeshift or understood.makeshift
            if not is_likely(tenant, understood.intent):
                continue
            understood = replace(understood, source=understood.source or name)
            if tenant.intent(understood.intent.name):
                return replace(understood, slots=slots, makeshift=makeshift)
            if last_resort.intent == FALLBACK:
                last_resort = understood
        return replace(last_resort, slots=slots, makeshift=makeshift)


def is_likely(tenant: Tenant, intent: Intent) -> bool:
    """Whether to take an intent for meant: its own threshold decides, or the tenant's."""
    spec = tenant.intent(intent.name)
    threshold = tenant.thresholds.intent if spec is None or spec.threshold is None else spec.threshold
    return intent.name.casefold() not in ("", FALLBACK.name) and intent.score >= threshold


def _in_order(tenant: Tenant) -> tuple[RecognizerName, ...]:
    """As the tenant says, or else whatever is configured: its own service, Coze, and its examples last."""
    if tenant.recognizers:
        return tenant.recognizers
    configured: list[RecognizerName] = []
    if tenant.nlu.base_url:
        configured.append("http")
    if tenant.coze.workflow_id:
        configured.append("coze_workflow")
    if any(intent.examples for intent in tenant.intents):
        configured.append("rules")
    return tuple(configured)
