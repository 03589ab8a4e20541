"""What the page needs of the world: who can be written to, saying, seeing, and what the bot made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageId
from wecom_bot.simulators.wecom.schema import DeliveryReport, Seen


@dataclass(frozen=True, slots=True)
class Account:
    """What customers of one channel write to: an open_kfid or an AgentID, with the name that they read."""

    channel: Channel
    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company with its accounts. `openers` are things to say, offered where nothing was said yet."""

    corp_id: CorpId
    name: str
    accounts: tuple[Account, ...]
    openers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer said, and when they let it go."""

    message_id: MessageId
    text: str
    at: datetime


class Desk(Protocol):
    """The world as the page sees it.

    Every method may raise TemporaryFailure, and Unknown or InvalidInput for what was asked.
    """

    def companies(self) -> Sequence[Company]:
        """Who can be written to."""

    def conversations(self) -> Sequence[ConversationId]:
        """Those in which something was said, the latest first."""

    def say(self, where: ConversationId, text: str) -> MessageId:
        """The customer writes."""

    def click(self, where: ConversationId, choice_id: str) -> MessageId:
        """The customer clicks an entry of a menu that was shown."""

    def said(self, where: ConversationId) -> Sequence[Said]:
        """Everything the customer said, in order. Whoever asked `seen` before finds what that answers."""

    def seen(self, where: ConversationId, after: int = 0, wait: timedelta = timedelta()) -> Sequence[Seen]:
        """What the bot showed later than the seq `after`, in order; waits for the first one, at most that long."""

    def delivery(self, message_id: MessageId) -> DeliveryReport | None:
        """How the callback of a message fared, if there was one."""

    def turn(self, where: ConversationId, message_id: MessageId) -> Turn | None:
        """What the bot made of a message; None while it has not thought, or forgot."""

    def state(self, where: ConversationId) -> DialogState | None:
        """What the bot remembers now; None if nothing, or nobody here can tell."""
