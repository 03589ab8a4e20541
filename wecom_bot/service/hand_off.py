"""Get a human for a conversation in which the bot gave up."""

from dataclasses import dataclass

from wecom_bot.domain.job import HandOff, Lease
from wecom_bot.ports import Ledger, Speaker
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class CallServicer:
    """Hand the conversation to a servicer and be silent from then on."""

    speaker: Speaker
    ledger: Ledger

    def __call__(self, lease: Lease, job: HandOff) -> None:
        """Raises what Speaker.hand_off raises."""
        attendant = self.speaker.hand_off(job.conversation, job.reason)
        self.ledger.assign(lease, job.conversation, attendant)
        log.warning(
            "handoff.given_up", corp_id=lease.corp_id, conversation=str(job.conversation), attendant=attendant.value
        )
