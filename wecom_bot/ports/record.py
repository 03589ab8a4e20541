"""What is kept for good: turns, messages, events and tickets, on their way through the outbox and in SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.message import ConversationId, CorpId, InboundMessage, MessageId
from wecom_bot.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn as the record keeps it. `answered` is false when the bot was silent on purpose.

    So it is where a servicer attends, and where the customer took back all that was asked.
    """

    turn: Turn
    answered: bool
    closed_at: datetime
    kind: Literal["turn"] = "turn"


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message that was not answered: a servicer's, or one from before our first contact."""

    message: InboundMessage
    kept_at: datetime
    kind: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event, and as one word what came of it (`kept`, `welcomed`, `sent_again`, ...)."""

    event: InboundEvent
    outcome: str
    kept_at: datetime
    kind: Literal["event"] = "event"


@dataclass(frozen=True, slots=True)
class CursorRecord:
    """Everything before this place of an account has been dealt with, and stands in the record before this.

    `cursor` is the place as the inbox keeps it: WeCom's cursor and, during a first contact, from when on messages are
    news.
    """

    corp_id: CorpId
    account: str
    cursor: str
    kept_at: datetime
    kind: Literal["cursor"] = "cursor"


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """A ticket that a human has to look at."""

    request: Ticket
    kind: Literal["request"] = "request"


@dataclass(frozen=True, slots=True)
class TicketClosed:
    """A human has seen to a ticket: one that waited for a servicer, whom the customer has got."""

    corp_id: CorpId
    request_id: str
    closed_at: datetime
    kind: Literal["request_closed"] = "request_closed"


Entry = TurnRecord | MessageRecord | EventRecord | CursorRecord | TicketOpened | TicketClosed
"""What goes through the outbox to the record, in order."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records lent to one writer, in order; `taken` counts also those that could not be read."""

    corp_id: CorpId
    token: str
    records: tuple[Entry, ...]
    taken: int


class Outbox(Protocol):
    """The transactional outbox: what still has to reach the record; it waits in Redis while SQL is away."""

    def take(self, corp_id: CorpId, most: int = 200) -> Batch | None:
        """The oldest records, for this writer alone for a while; None if none wait or another writer has them."""

    def drop(self, batch: Batch) -> None:
        """They are written: forget them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said, for people to read: personal data in it is masked."""

    who: Literal["customer", "bot", "servicer"]
    text: str
    at: datetime


class Records(Protocol):
    """The record of conversations, in SQL."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Keep them; what is already kept is not kept twice."""

    def dealt_with(self, conversation: ConversationId, message_id: MessageId) -> bool:
        """Whether a turn over this message was closed before, or it was kept as not ours to answer."""

    def cursor(self, corp_id: CorpId, account: str) -> str | None:
        """The place up to which everything was dealt with (CursorRecord.cursor); None if the account was never pulled.

        Empty where it was pulled and no such place is known: then everything has to be looked at again.
        """

    def recent(self, conversation: ConversationId, most: int) -> Sequence[Line]:
        """The last lines of a conversation, the oldest first."""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn that was kept, as far as people count turns. `words` are what the customer said and sent, unmasked.

    `misses` and `offered` (the texts of the choices) are the dialog state's after it; `handoff` and `request` are
    reasons, empty where there was none.
    """

    conversation: ConversationId
    trace_id: str
    began_at: datetime
    session_id: str
    words: str
    misses: int
    offered: tuple[str, ...] = ()
    handoff: str = ""
    request: str = ""
    answered: bool = True


@dataclass(frozen=True, slots=True)
class ToldTurn:
    """A turn that was kept, as people read it: what the customer said and sent, and what was replied, unmasked.

    `turn_id` names it among the tenant's turns. `intent`, `handoff` (the reason) and `reply` are empty where there was
    none; `answered` is false where the bot was silent on purpose.
    """

    turn_id: str
    conversation: ConversationId
    trace_id: str
    began_at: datetime
    words: str
    reply: str
    intent: str
    handoff: str
    answered: bool


class Turns(Protocol):
    """The turns that were kept, in SQL, for who looks back."""

    def since(self, corp_id: CorpId, moment: datetime) -> Iterator[KeptTurn]:
        """Those that began then or later: conversation by conversation, each from its oldest on."""

    def newest(
        self, corp_id: CorpId, *, customer: str | None = None, most: int = 100, after: str | None = None
    ) -> Sequence[ToldTurn]:
        """The newest first, of all customers or of one; with `after`, only those older than the turn of this id.

        Raises Unknown if there is no such turn.
        """


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """How many tickets of a tenant are open, and since when the oldest of them is; None when there is none."""

    count: int
    oldest: datetime | None


class Tickets(Protocol):
    """What waits for a human: the open tickets, in SQL."""

    def list(
        self,
        corp_id: CorpId,
        *,
        open_only: bool = True,
        most: int = 100,
        oldest_first: bool = False,
        after: str | None = None,
    ) -> Sequence[Ticket]:
        """The newest first, or the oldest; with `after`, only what follows the ticket of this id in that order.

        Raises Unknown if there is no such ticket. It may have been closed meanwhile: whoever works through the list
        closes what they go on from.
        """

    def close(self, corp_id: CorpId, request_id: str) -> None:
        """Somebody has seen to it. Raises Unknown."""

    def still_open(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, OpenTickets]:
        """Of each of these tenants, in one statement for some hundred of them."""
