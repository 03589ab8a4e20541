"""The way in from WeCom, and the way back to the customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.job import Job
from wecom_bot.domain.message import Callback, ConversationId, CorpId, InboundMessage, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports.record import Line


@dataclass(frozen=True, slots=True)
class Opened:
    """What a webhook's call asks for: work, and an answer in the response itself, for channels whose protocol has one.

    `body` is all of the response, sealed by the channel; empty where WeCom wants nothing but the status.
    """

    jobs: tuple[Job, ...] = ()
    body: bytes = b""


class CallbackGate(Protocol):
    """The webhook's gate: opens what WeCom posts to us; the caller has found the tenant and the app in the URL."""

    def verify(self, tenant: Tenant, app: str, callback: Callback) -> bytes:
        """The plain echostr of a URL verification. Raises CallbackRefused."""

    def open(self, tenant: Tenant, app: str, callback: Callback, trace_id: str) -> Opened:
        """What a delivery asks for; nothing for what we do not act on. Raises CallbackRefused.

        A delivery may come more than once, and to several processes: the answer must be right each time, by itself.
        """


@dataclass(frozen=True, slots=True)
class PulledPage:
    """What a pull brought: messages and events in order, where to go on, and whether there is more now."""

    messages: tuple[InboundMessage | InboundEvent, ...]
    cursor: str
    has_more: bool


class MessageSource(Protocol):
    """Where messages are fetched that a callback only announced (kf/sync_msg)."""

    def fetch(self, corp_id: CorpId, app: str, account: str, cursor: str, token: str) -> PulledPage:
        """One page after the cursor, with whatever it holds: nothing that anybody wrote is left out.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected.
        """


@dataclass(frozen=True, slots=True)
class Cut:
    """A reply in parts that the channel can carry, and what of its words did not fit."""

    parts: tuple[Reply, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What is known of an earlier try of the same part: nobody knows whether it was shown.

    `same_before`: when the same words were last said on purpose, shortly before it.
    """

    tried_at: datetime
    same_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedOff:
    """Who attends now. With a `code` one thing may be said about it, by Speaker.say_by_code."""

    attendant: Attendant
    servicer: str = ""
    code: str = ""


class Speaker(Protocol):
    """The way back to the customer, one for each channel, in WeCom's words."""

    def split(self, conversation: ConversationId, reply: Reply) -> Cut:
        """The reply in parts, in order; the choices ride on the last that has words.

        No more than a customer's message allows, less one for a handoff: what is over is cut at a sentence, and the
        last part offers the rest in the tenant's words.
        """

    def budget(self, conversation: ConversationId) -> int:
        """How many messages may follow one of the customer's, the notice of a handoff included; 0 for any number."""

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        """Who has the conversation now; takes it for the bot where nobody has.

        `known` saves a call where it can be trusted; None asks for certain.
        Raises MustWait where only the customer can open it again; TemporaryFailure, RateLimited, Misconfigured,
        Rejected.
        """

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat: Repeat | None) -> None:
        """Show one part. `delivery_id` (an idempotency key, at most 32 of [0-9a-zA-Z_-]) is the same at every repeat.

        `repeat` says that it was tried before with an unknown outcome: then it must not be shown a second time where
        the channel can tell. Being refused as known is success. Raises OutcomeUnknown, TemporaryFailure, RateLimited,
        NotAttending, MustWait, Misconfigured, Rejected.
        """

    def say_by_code(self, conversation: ConversationId, code: str, part: Reply, delivery_id: str) -> None:
        """Say the one thing that WeCom lets us say at an event (a welcome, a handoff, an end).

        Raises Rejected where the code is no longer good, and like `send`.
        """

    def hand_off(self, conversation: ConversationId, reason: str, lines: Sequence[Line]) -> HandedOff:
        """Ask for a servicer; who attends then. Safe to repeat. Raises like `send`.

        `lines` are the last of the conversation, masked, for channels that tell servicers themselves.
        """


class Duty(Protocol):
    """Whether a human would see a handoff."""

    def anyone(self, conversation: ConversationId) -> bool:
        """Whether somebody receives now. Raises TemporaryFailure, RateLimited, Misconfigured, Rejected."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who a customer is in WeChat: what they call themselves."""

    nickname: str


class Contacts(Protocol):
    """Customers' names. Nothing here fails: who cannot be named is nobody we know."""

    def get(self, conversation: ConversationId) -> Contact | None:
        """What this process knows, at once; if it is nothing, it is learned in the background."""

    def look_up(self, conversation: ConversationId) -> Contact | None:
        """The same, and else what SQL knows: it takes a fraction of a second at most, and never asks WeCom."""

    def find_out(self, conversation: ConversationId) -> Contact | None:
        """The same, and else what WeCom says when asked now: it takes two seconds at most."""


class ContactStore(Protocol):
    """What WeCom said of customers, and when, in SQL."""

    def load(self, corp_id: CorpId, customers: Iterable[str]) -> Mapping[str, tuple[Contact, datetime]]:
        """What is kept of these, by customer, and when it was asked for."""

    def save(self, corp_id: CorpId, contacts: Mapping[str, Contact], at: datetime) -> None:
        """Keep them by customer, unless something newer is kept."""
