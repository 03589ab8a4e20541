"""The webhook: check, queue, return when WeCom calls. It waits five seconds, and one at a URL verification."""

from dataclasses import dataclass

from wecom_bot.domain.message import Callback, CorpId
from wecom_bot.errors import TenantOff
from wecom_bot.ports import CallbackGate, Mailroom, Tenants
from wecom_bot.telemetry import faults


@dataclass(frozen=True, slots=True)
class Received:
    """How many of a delivery's jobs were new, and what is answered in the response: mostly nothing."""

    new: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Receive:
    """Check a delivery, make its jobs durable, and only then answer; nothing slower happens here.

    Raises Unknown, TenantOff, CallbackRefused, InboxFull, TemporaryFailure.
    """

    tenants: Tenants
    gate: CallbackGate
    inbox: Mailroom

    def __call__(self, corp_id: CorpId, app: str, callback: Callback, trace_id: str) -> Received:
        tenant = self.tenants.get(corp_id)
        tenant.app(app)
        opened = self.gate.open(tenant, app, callback, trace_id)
        if not tenant.active:  # said only to who holds the key: a stranger learns nothing of our tenants
            raise TenantOff(f"tenant {corp_id} is switched off")
        if not opened.jobs:
            return Received(body=opened.body)
        new = self.inbox.put(corp_id, opened.jobs)
        faults.crash("after_put")
        return Received(new, opened.body)


@dataclass(frozen=True, slots=True)
class Verify:
    """Prove to WeCom that the URL is ours; also for a tenant that is switched off, who may be about to start.

    The plain echostr. Raises Unknown, CallbackRefused.
    """

    tenants: Tenants
    gate: CallbackGate

    def __call__(self, corp_id: CorpId, app: str, callback: Callback) -> bytes:
        tenant = self.tenants.get(corp_id)
        tenant.app(app)
        return self.gate.verify(tenant, app, callback)
