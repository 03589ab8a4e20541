"""The delivery log, who was told what, now; later it stands in the record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import ConversationId, MessageId
from wecom_bot.ports.record import Entry


class Attempt(StrEnum):
    """What the ledger knows of one step of a delivery."""

    FIRST = "first"  # never tried: go
    AGAIN = "again"  # tried, and nobody knows whether it was shown
    DONE = "done"  # shown: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Leave to take one step of a delivery; `tried_at` is when it was first tried, for AGAIN.

    `same_before` is when the same words were last said in this conversation, by another step, within five minutes
    before that.
    """

    attempt: Attempt
    tried_at: datetime
    same_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What a step says: under which id, which part of which try, in which words; and what it may cost.

    `budget` is how many messages may follow the customer's last one, this one included; 0 for any number.
    """

    delivery_id: str
    part: int
    attempt: int
    words: str
    budget: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """Which part of which turn went out under an id, and in which try."""

    turn_id: MessageId
    part: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known where a message is about to be answered."""

    turn: Turn | None
    dialog: DialogState | None


@dataclass(frozen=True, slots=True)
class Stored:
    """The turn that is kept, and the leave for its first step; None where that was not asked for, or not given.

    With `more` nothing was stored.
    """

    turn: Turn
    leave: Step | None = None
    more: bool = False


class Ledger(Protocol):
    """The delivery log: dialog states, turns under way and sent marks, in the same slot as the tenant's inbox.

    Steps that take a lease change nothing and raise LeaseLost when it is no longer the caller's, so that a worker
    that was asleep cannot speak out of turn.
    """

    def begin(self, lease: Lease) -> Begun:
        """The turn that was stored for the lease's message, and the state of its conversation.

        They came with the lease, and cost no trip: while it lasts nobody else changes them.
        """

    def dialog(self, conversation: ConversationId) -> DialogState | None:
        """The state after the last turn."""

    def turn(self, conversation: ConversationId, turn_id: MessageId) -> Turn | None:
        """The turn that was stored for this message, if one was, within the last 24 h."""

    def store(
        self,
        lease: Lease,
        turn: Turn,
        first: Sending | None = None,
        entries: Sequence[Entry] = (),
        *,
        unless_more: bool = False,
    ) -> Stored:
        """Keep the turn and its dialog state, in one step, before anything is sent; which one is kept.

        It is this one, unless a step of one that was stored before was tried. With this one the lease holds the turn's
        messages from now on, the `entries` are handed to the outbox, and leave is asked for its `first` part, as by
        `attempt`; where the budget is used up, there is none.

        With `unless_more` nothing is stored where more stands in the mailbox than the turn's messages, or where the
        customer took one of these back: then there is `more` to think about.
        """

    def attempt(self, lease: Lease, turn: Turn, step: str, sending: Sending | None = None, taken: str = "") -> Step:
        """Ask leave for a step ("part-1", "handoff") and note that it is being tried; the step before it was `taken`.

        With `sending` its message is counted, and can be found by its id. Raises MustWait, and notes nothing, where
        the budget is used up: it counts anew with every message of the customer that comes into the inbox.
        """

    def not_sent(self, lease: Lease, turn: Turn, step: str) -> None:
        """Take the note back: the step was refused, so a later try is a first one again and cost nothing."""

    def mark(self, lease: Lease, turn: Turn, step: str) -> None:
        """The step was taken: no redo takes it again. The last one is marked by the end of the lease (Ending)."""

    def sent(self, conversation: ConversationId, delivery_id: str) -> Sent | None:
        """What went out under this id, within the last 72 h."""

    def recall(self, conversation: ConversationId, message_id: MessageId) -> None:
        """The customer took this message back: whoever answers it should not."""

    def recalled(self, conversation: ConversationId, message_ids: Collection[MessageId]) -> Collection[MessageId]:
        """Those of them that were taken back."""

    def remember(self, lease: Lease, conversation: ConversationId, state: DialogState) -> None:
        """Keep the state: who attends from now on, where no turn says so (domain.attendance)."""

    def note(self, lease: Lease, entry: Entry) -> None:
        """Hand an entry to the outbox. A redo may hand it over again: the record keeps it once."""
