"""A ticket: what a human has to look at because none could take it at once."""

from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.message import ConversationId


@dataclass(frozen=True, slots=True)
class Ticket:
    """Somebody wanted a human and got none, or was answered too late.

    `reason` is the handoff's (asked, misses, late, given_up, ...); `words` are what the customer said or left for us,
    unmasked: who calls back needs the number. `trace_id` leads to the turn.
    """

    request_id: str
    conversation: ConversationId
    reason: str
    words: str
    opened_at: datetime
    trace_id: str
    closed_at: datetime | None = None
