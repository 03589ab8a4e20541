"""What crosses the control API, in both directions; server and client share it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Door(StrEnum):
    """The channel of a conversation; the values are the bot's own."""

    KF = "kf"
    APP = "app"


class WecomShape(BaseModel):
    """Something that crosses, as it is and with nothing else in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AppSpec(WecomShape):
    """An own app. `members` are its visible range, None is everybody; `receive_id` is the corp ID unless set.

    The `unlicensed` are in its range and cannot be written to: their accounts have no licence for the API.
    """

    name: str
    agent_id: int
    secret: str
    token: str
    encoding_aes_key: str
    callback_url: str = ""
    receive_id: str = ""
    members: tuple[str, ...] | None = None
    unlicensed: tuple[str, ...] = ()


class KfSpec(WecomShape):
    """A 微信客服 account, the app through which it calls and is called, and the members who serve it.

    The app sees one that is not `managed`, and may do nothing with it.
    """

    open_kfid: str
    app: str
    servicers: tuple[str, ...] = ()
    name: str = "客服"
    avatar: str = ""
    managed: bool = True


class CorpSpec(WecomShape):
    """A corp. Adding it again replaces apps and accounts of the same name, and keeps what was said."""

    corp_id: str
    apps: tuple[AppSpec, ...] = ()
    kf_accounts: tuple[KfSpec, ...] = ()


class Option(WecomShape):
    """A menu entry that a customer may click."""

    id: str
    text: str


class Seen(WecomShape):
    """One message of the bot as the customer saw it. `repeated` marks one that was shown under a used msgid.

    `fields` are the posted ones of everything but texts, with the `media` (name, sha256, size) that they name;
    `by_event` marks what was said with a code of kf/send_msg_on_event.
    """

    seq: int
    corp_id: str
    channel: Door
    account: str
    customer: str
    msgtype: str
    text: str
    choices: tuple[Option, ...] = ()
    msgid: str
    at: datetime
    repeated: bool = False
    by_event: bool = False
    fields: dict[str, Any] = Field(default_factory=dict)


class UnansweredMessage(WecomShape):
    """A customer's message after which the bot showed that customer nothing. `service_state` is None for apps."""

    corp_id: str
    channel: Door
    account: str
    customer: str
    msgid: str
    at: datetime
    service_state: int | None = None


class ConversationState(WecomShape):
    """Where a kf conversation stands; 0 to 4 as in WeCom's documentation."""

    service_state: int
    servicer_userid: str = ""


class ApiCalls(WecomShape):
    """How often an API was called, by corp ("" if unknown) and outcome ("0", an errcode, "http 502", "reset")."""

    api: str
    corp_id: str
    outcome: str
    count: int


class WecomFault(WecomShape):
    """Trouble for the next calls of an API ("kf/send_msg"; "*" is every one but gettoken).

    `value` is the errcode, the HTTP status, or the seconds of a delay or a hang (which ends in a reset). It holds
    `times` calls or `for_seconds`, whichever is over first; one call if neither is given. With `performed` the call
    takes effect first, so that only its answer is lost.
    """

    api: str
    kind: Literal["errcode", "status", "delay", "hang", "reset", "garbage"]
    value: float = 0
    corp_id: str = ""
    times: int | None = Field(None, ge=1)
    for_seconds: float | None = Field(None, gt=0)
    performed: bool = False


class CallbackTry(WecomShape):
    """One try to post a callback: the HTTP status, or what went wrong instead."""

    copy_number: int
    at: datetime
    took: float
    status: int | None = None
    error: str = ""


class DeliveryState(StrEnum):
    """How far the callback of a message has come."""

    PENDING = "pending"
    HELD = "held"
    SWALLOWED = "swallowed"
    ACKNOWLEDGED = "acknowledged"  # a copy got HTTP 200
    GIVEN_UP = "given_up"  # no copy did, and no try is left

    @property
    def settled(self) -> bool:
        """Whether it will not change by itself."""
        return self not in {DeliveryState.PENDING, DeliveryState.HELD}


class DeliveryReport(WecomShape):
    """The callback of one message."""

    message_id: str
    corp_id: str
    app: str
    state: DeliveryState
    attempts: tuple[CallbackTry, ...] = ()


class Verification(WecomShape):
    """What a URL verification got: `ok` when it was HTTP 200 with the very echo as its body, within a second."""

    ok: bool
    status: int | None
    body: str
    took: float
    error: str = ""


class Saying(WecomShape):
    """A customer says something. `fields` are those of another msgtype, under WeCom's names, however nested."""

    corp_id: str
    account: str
    customer: str
    text: str = ""
    channel: Door = Door.KF
    msgtype: str = "text"
    fields: dict[str, Any] = Field(default_factory=dict)
    copies: int | None = Field(None, ge=1, le=64)
    swallow: bool | None = None

    @model_validator(mode="after")
    def _has_words(self) -> "Saying":
        if self.msgtype == "text" and not self.text:
            raise ValueError("a text needs words")
        return self
