"""Say a part once more that WeCom had taken and did not show."""

from dataclasses import dataclass

from wecom_bot.domain.job import Lease, SendAgain
from wecom_bot.errors import MustWait
from wecom_bot.ports import Ledger
from wecom_bot.service.deliver import Deliver
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class RepeatPart:
    """Deliver the part under a new id; where the customer must write first, not before that."""

    ledger: Ledger
    deliver: Deliver

    def __call__(self, lease: Lease, job: SendAgain) -> None:
        """Raises MustWait at the first try of one that has to wait, and what Speaker.send raises."""
        turn = self.ledger.turn(job.conversation, job.turn_id)
        if turn is None or not 1 <= job.part <= len(turn.parts):
            log.warning("reply.forgotten", corp_id=lease.corp_id, conversation=str(job.conversation))
            return
        if job.wait and lease.attempt == 1:
            raise MustWait("WeCom shows nothing more until the customer writes")
        self.deliver.again(lease, turn, job.part, job.attempt)
