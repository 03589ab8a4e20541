"""Who was told what: now in the ledger, later in the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wecom_bot.domain.dialog import Attendant, DialogState, Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import ConversationId, CorpId, MessageId


class Attempt(StrEnum):
    """What the ledger knows of one step of a delivery."""

    FIRST = "first"  # never tried: go
    AGAIN = "again"  # tried, and nobody knows whether it was shown
    DONE = "done"  # shown: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Leave to take one step of a delivery; `tried_at` is when it was first tried, for AGAIN."""

    attempt: Attempt
    tried_at: datetime


class Ledger(Protocol):
    """Who was told what: dialog states, turns under way and sent marks, in the same slot as the tenant's inbox.

    Steps that take a lease change nothing and raise LeaseLost when it is no longer the caller's, so that a worker
    that was asleep cannot speak out of turn.
    """

    def dialog(self, conversation: ConversationId) -> DialogState | None:
        """The state after the last turn."""

    def turn(self, conversation: ConversationId, turn_id: MessageId) -> Turn | None:
        """The turn that was stored for this message, if one was, within the last 24 h."""

    def store(self, lease: Lease, turn: Turn) -> Turn:
        """Keep the turn and its dialog state, in one step, before anything is sent; the first one kept wins."""

    def attempt(self, lease: Lease, turn: Turn, step: str) -> Step:
        """Ask leave for a step ("part-1", "handoff") and note that it is being tried."""

    def not_sent(self, lease: Lease, turn: Turn, step: str) -> None:
        """Take the note back: the step was refused, so a later try is a first one again."""

    def mark(self, lease: Lease, turn: Turn, step: str) -> None:
        """The step was taken: no redo takes it again."""

    def assign(self, lease: Lease, conversation: ConversationId, attendant: Attendant) -> None:
        """Note who attends the conversation from now on."""

    def close(self, lease: Lease, turn: Turn, *, answered: bool) -> None:
        """The turn is over: hand it to the outbox, once."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn as the record keeps it. `answered` is false when the bot was silent on purpose (a servicer attends)."""

    turn: Turn
    answered: bool
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Records lent to one writer, in order; `taken` counts also those that could not be read."""

    corp_id: CorpId
    token: str
    records: tuple[TurnRecord, ...]
    taken: int


class Outbox(Protocol):
    """What still has to reach the record; it waits in Redis while SQL is away."""

    def take(self, corp_id: CorpId, most: int = 200) -> Batch | None:
        """The oldest records, for this writer alone for a while; None if none wait or another writer has them."""

    def drop(self, batch: Batch) -> None:
        """They are written: forget them."""

    def size(self, corp_id: CorpId) -> int:
        """How many wait."""


class Records(Protocol):
    """The record of conversations and turns, in SQL."""

    def write(self, records: Sequence[TurnRecord]) -> None:
        """Keep them; what is already kept is not kept twice."""

    def answered(self, conversation: ConversationId, message_id: MessageId) -> bool:
        """Whether a turn over this message was closed before."""

    def knows(self, corp_id: CorpId, account: str) -> bool:
        """Whether any turn of this account was ever closed: if not, it is our first contact."""
