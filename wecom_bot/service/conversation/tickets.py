"""What has to be looked at by a human who was not there."""

import hashlib
from datetime import datetime

from wecom_bot.domain import attendance
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import ConversationId
from wecom_bot.domain.ticket import Ticket
from wecom_bot.ports import Ledger, TicketClosed, TicketOpened


def ticket(
    conversation: ConversationId, reason: str, words: str, trace_id: str, now: datetime, about: str = ""
) -> TicketOpened:
    """An open ticket; the same matter makes the same one, so that neither a redo nor another reason opens a second.

    What it is `about` is a turn, or where there is none a reason and a trace: that of a pull has many turns.
    """
    named = "\0".join((str(conversation), about or f"{reason}\0{trace_id}"))
    request_id = hashlib.sha256(named.encode()).hexdigest()[:16]
    return TicketOpened(Ticket(request_id, conversation, reason, words, now, trace_id))


def turns_ticket(reason: str, turn: Turn, now: datetime) -> TicketOpened:
    """The ticket that a turn asks for, with what the customer said and sent in it."""
    return ticket(turn.conversation, reason, turn.shown, turn.trace_id, now, about=turn.turn_id)


def somebody_came(ledger: Ledger, lease: Lease, conversation: ConversationId, now: datetime) -> None:
    """A servicer has the conversation: close the tickets for who was called, then note it."""
    state = ledger.dialog(conversation)
    for request_id in state.called if state else ():
        ledger.note(lease, TicketClosed(conversation.corp_id, request_id, now))
    ledger.remember(lease, conversation, attendance.taken(state, conversation.customer, now))
