"""What happens in a conversation beside what is said in it: each as WeCom tells it, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from wecom_bot.domain.message import ConversationId, MessageId


@dataclass(frozen=True, slots=True)
class Entered:
    """The customer opened the conversation. With a `code` (kf, 20 s) WeCom lets us say a welcome now."""

    code: str = ""
    scene: str = ""
    scene_param: str = ""
    what: Literal["entered"] = "entered"


class FailureReason(StrEnum):
    """Why WeCom did not show a message that it had taken (page 94670, fail_type)."""

    UNKNOWN = "unknown"  # 0
    WAIT = "wait"  # 4, 5, 6: the customer must write first
    REFUSED = "refused"  # 10: the customer does not want our messages
    STOP = "stop"  # 1, 2, 7, 8, 9, 11, 12, 13, and what WeCom may invent: only an operator can help


@dataclass(frozen=True, slots=True)
class SendFailed:
    """A message of ours was taken and then not shown. `code` is WeCom's own number for the reason."""

    delivery_id: str
    reason: FailureReason
    code: int = 0
    what: Literal["send_failed"] = "send_failed"


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message was taken back: by the customer, or, where `servicer` is set, by that servicer."""

    message_id: MessageId
    servicer: str = ""
    what: Literal["recalled"] = "recalled"


class SessionChange(StrEnum):
    """What people in the WeCom client did with a session (page 94670, change_type)."""

    TAKEN = "taken"  # 1: from the pool
    TRANSFERRED = "transferred"  # 2
    ENDED = "ended"  # 3
    REENTERED = "reentered"  # 4: a servicer wrote in an ended one


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """Somebody else attends now. With a `code` (ENDED: 20 s, TAKEN: 48 h) WeCom lets us say one thing about it."""

    change: SessionChange
    servicer: str = ""  # who attends now; nobody where it ended
    code: str = ""
    what: Literal["session_changed"] = "session_changed"


@dataclass(frozen=True, slots=True)
class Noticed:
    """Anything else: a servicer's status, a switch, an event yet to come. It is kept, and nothing follows from it."""

    what: Literal["noticed"] = "noticed"


Happening = Entered | SendFailed | Recalled | SessionChanged | Noticed


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """Something happened, once. `name` is WeCom's own for it; `detail` its other fields, as WeCom names them.

    `conversation.customer` is empty where the event is the account's (a servicer's status).
    """

    event_id: MessageId
    conversation: ConversationId
    app: str
    name: str
    happened_at: datetime
    happening: Happening
    detail: Mapping[str, str] = field(default_factory=dict, hash=False)
