"""Work that waits in the inbox. Each kind is stored as JSON and may be read by a newer version of us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.message import ConversationId, CorpId, InboundMessage, MessageId, former_id, unique_id

GIVEN_UP = "given_up"
"""Why a human is called for a conversation: the bot tried as often as it may."""


def _account(where: ConversationId) -> str:
    return f"{where.channel}/{where.account}/"


def _known_as(where: ConversationId, message_id: MessageId) -> str:
    """What tells a repeat."""
    return _account(where) + unique_id(where, message_id)


@dataclass(frozen=True, slots=True)
class PullMessages:
    """Fetch what is new in a kf account. `token` is the notification's (10 minutes); `notified_at` its CreateTime."""

    corp_id: CorpId
    app: str
    open_kfid: str
    token: str
    notified_at: datetime
    trace_id: str
    kind: Literal["pull"] = "pull"

    @property
    def mailbox(self) -> str:
        """One puller at a time for each account."""
        return f"pull/{self.open_kfid}"

    @property
    def dedup_id(self) -> str | None:
        """Notifications have no id and two may come in one second: never the same."""
        return None


@dataclass(frozen=True, slots=True)
class AnswerMessage:
    """Answer a customer's message.

    `received_at` is when a live callback brought it; None for what was pulled, which may be days old by then.
    """

    message: InboundMessage
    trace_id: str
    received_at: datetime | None = None
    kind: Literal["answer"] = "answer"

    @property
    def corp_id(self) -> CorpId:
        return self.message.conversation.corp_id

    @property
    def mailbox(self) -> str:
        """A customer's messages are answered in order."""
        return str(self.message.conversation)

    @property
    def dedup_id(self) -> str | None:
        return _known_as(self.message.conversation, self.message.message_id)

    @property
    def former_dedup_id(self) -> str:
        """What older versions note when they get the same callback."""
        return _account(self.message.conversation) + former_id(self.message.message_id)


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """Record a message that is not ours to answer: a servicer's, or a customer's from before our first contact."""

    message: InboundMessage
    trace_id: str
    kind: Literal["keep"] = "keep"

    @property
    def corp_id(self) -> CorpId:
        return self.message.conversation.corp_id

    @property
    def mailbox(self) -> str:
        """In order with the customer's: what a servicer says ends the bot's turn to speak."""
        return str(self.message.conversation)

    @property
    def dedup_id(self) -> str | None:
        return _known_as(self.message.conversation, self.message.message_id)


@dataclass(frozen=True, slots=True)
class ObserveEvent:
    """Act on what happened in a conversation, and record it. With a deadline it goes ahead of the work without."""

    event: InboundEvent
    trace_id: str
    deadline: datetime | None = None
    kind: Literal["event"] = "event"

    @property
    def corp_id(self) -> CorpId:
        return self.event.conversation.corp_id

    @property
    def mailbox(self) -> str:
        return str(self.event.conversation)

    @property
    def dedup_id(self) -> str | None:
        return _known_as(self.event.conversation, self.event.event_id)


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Say once more a part that WeCom had taken and did not show. `attempt` is 2 at the first repeat.

    After `wait_since` the customer has to write before; None for at once.
    """

    conversation: ConversationId
    turn_id: MessageId
    part: int
    attempt: int
    wait_since: datetime | None
    trace_id: str
    kind: Literal["send_again"] = "send_again"

    @property
    def corp_id(self) -> CorpId:
        return self.conversation.corp_id

    @property
    def mailbox(self) -> str:
        return str(self.conversation)

    @property
    def dedup_id(self) -> str | None:
        return f"{_known_as(self.conversation, self.turn_id)}/{self.part}/{self.attempt}"


@dataclass(frozen=True, slots=True)
class HandOff:
    """Get a human for a conversation in which the bot gave up. `words` are what it gave up on."""

    conversation: ConversationId
    reason: str
    trace_id: str
    words: str = ""
    kind: Literal["handoff"] = "handoff"

    @property
    def corp_id(self) -> CorpId:
        return self.conversation.corp_id

    @property
    def mailbox(self) -> str:
        return str(self.conversation)

    @property
    def dedup_id(self) -> str | None:
        return None


Job = PullMessages | AnswerMessage | KeepMessage | ObserveEvent | SendAgain | HandOff


@dataclass(frozen=True, slots=True)
class Lease:
    """Jobs lent to one worker: the first `len(jobs)` of their mailbox. `token` proves it to the inbox at every step.

    Without jobs it is over one that cannot be read: all that can be done is to bury it.
    `attempt` is 1 at the first try. `failures` is how many tries before this one ended in a failure; the others never
    came to an end: their worker died, or lost the lease. `head` names the first job, the same at every try of it.
    `accused` is how many workers stood still or crashed while they were computing this job.
    `behind` is how many jobs stood behind the first when it was lent, and `place` how far its account was pulled then
    (PullPlaces), for a pull.
    `since` is when the ledger of this tenant was born: what came before it may have been answered without the ledger
    knowing. `known` is what the ledger knew of a message to answer and of its conversation when it was lent, as it is
    kept; Ledger.begin reads it.
    """

    corp_id: CorpId
    mailbox: str
    token: str
    jobs: tuple[Job, ...]
    attempt: int
    since: datetime
    failures: int = 0
    head: str = ""
    accused: int = 0
    behind: int = 0
    place: str = ""
    known: tuple[bytes, bytes] = (b"", b"")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Work given up, kept with its reason until a person replays or drops it.

    `job` is None when what was stored could not be read; `payload` is what was stored.
    """

    letter_id: str
    job: Job | None
    payload: str
    reason: str
    attempts: int
    buried_at: datetime
