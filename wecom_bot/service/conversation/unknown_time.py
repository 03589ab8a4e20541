"""The time of which nobody knows who was answered: from a backup until the machine was lost that went on after it."""

from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.job import AnswerMessage, HandOff
from wecom_bot.domain.message import InboundMessage, shown
from wecom_bot.ports import TicketOpened
from wecom_bot.service.conversation.tickets import ticket

RESTORED = "restored"
"""Why a human has to look: the bot may have answered this, and must not do it twice."""


@dataclass(frozen=True, slots=True)
class UnknownTime:
    """Whether a message that the record does not know may have been answered by a machine that is no more.

    WeCom does not tell what a bot has said, neither in kf/sync_msg (page 94670) nor elsewhere.
    """

    until: datetime | None = None

    def __contains__(self, message: InboundMessage) -> bool:
        return self.until is not None and message.sent_at <= self.until


def owed(job: AnswerMessage | HandOff, now: datetime) -> TicketOpened:
    """The ticket for a human to look at work that waited when the backup was made."""
    match job:
        case AnswerMessage(message=said):
            words = shown(said.kind, said.text)
            # the same as that of a turn over it, should WeCom bring it again
            return ticket(said.conversation, RESTORED, words, job.trace_id, now, about=said.message_id)
        case HandOff():
            return ticket(job.conversation, job.reason, job.words, job.trace_id, now)
