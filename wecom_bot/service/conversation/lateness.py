"""Expiry: what waited too long is not answered as if nothing had been, but with an apology, and a human."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Clock
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

LATE = "late"


@dataclass(frozen=True, slots=True)
class Lateness:
    """Settle a turn over messages that waited longer than `after`; each is listed as an open ticket.

    What a live callback brought has waited since then: WeCom does not bring it later. What was pulled may have waited
    at WeCom, since it was written.
    """

    after: timedelta
    hand_off: Callable[[Tenant, Turn, str], Turn]
    clock: Clock

    def applies(self, job: AnswerMessage) -> bool:
        """Whether the message has waited too long by now."""
        return self.clock.now() - (job.received_at or job.message.sent_at) > self.after

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        log.warning(
            "turn.late", corp_id=tenant.corp_id, conversation=str(turn.conversation), messages=len(turn.messages)
        )
        metrics.LATE.inc(len(turn.messages))
        settled = self.hand_off(tenant, turn, LATE)
        words = [tenant.phrases.late, *([settled.reply.text] if settled.reply else [])]
        return replace(settled, reply=Reply("\n".join(words)), request=LATE)
