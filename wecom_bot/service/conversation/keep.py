"""Keep what is not ours to answer: a servicer's words, and a customer's from before our first contact."""

from dataclasses import dataclass

from wecom_bot.domain.job import KeepMessage, Lease
from wecom_bot.ports import Clock, Ending, Ledger, MessageRecord
from wecom_bot.service.conversation.tickets import somebody_came


@dataclass(frozen=True, slots=True)
class Keep:
    """Record the message; where a servicer speaks, the bot is silent from then on."""

    ledger: Ledger
    clock: Clock

    def __call__(self, lease: Lease, job: KeepMessage) -> Ending:
        if job.message.servicer:
            somebody_came(self.ledger, lease, job.message.conversation, self.clock.now())
        return Ending(entries=[MessageRecord(job.message, self.clock.now())])
