"""Say a part once more that WeCom had taken and did not show."""

from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.job import AnswerMessage, Lease, SendAgain
from wecom_bot.errors import MustWait
from wecom_bot.ports import Ending, Ledger, Mailboxes
from wecom_bot.service.conversation.deliver import Deliver
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class RepeatPart:
    """Deliver the part under a new id; where the customer must write first, not before that."""

    inbox: Mailboxes
    ledger: Ledger
    deliver: Deliver

    def __call__(self, lease: Lease, job: SendAgain) -> Ending | None:
        """Raises MustWait while the customer has not written, and what Speaker.send raises."""
        turn = self.ledger.turn(job.conversation, job.turn_id)
        if turn is None or not 1 <= job.part <= len(turn.parts):
            log.warning("reply.forgotten", corp_id=lease.corp_id, conversation=str(job.conversation))
            return None
        if job.wait_since and not self._has_written(lease, job, job.wait_since):
            raise MustWait("WeCom shows nothing more until the customer writes")
        return Ending(turn, self.deliver.again(lease, turn, job.part, job.attempt))

    def _has_written(self, lease: Lease, job: SendAgain, since: datetime) -> bool:
        """Whether a later word of the customer has been answered, or waits behind this: it came after the failure."""
        state = self.ledger.dialog(job.conversation)
        if state is not None and state.heard_at is not None and state.heard_at > since:
            return True
        return any(isinstance(each, AnswerMessage) for each in self.inbox.look(lease).jobs)
