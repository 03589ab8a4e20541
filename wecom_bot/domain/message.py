"""Messages, and the conversations that they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from urllib.parse import quote, unquote

CorpId = NewType("CorpId", str)
MessageId = NewType("MessageId", str)


class Channel(StrEnum):
    """The two doors through which a customer writes to a tenant."""

    KF = "kf"  # 微信客服: outside customers in WeChat
    APP = "app"  # a corp's own app: its members in WeCom


@dataclass(frozen=True, slots=True)
class ConversationId:
    """One customer talking to one account of one corp; the unit of order, state and silence.

    `account` is the open_kfid (kf) or the AgentID (app); `customer` the external_userid or the userid.
    """

    corp_id: CorpId
    channel: Channel
    account: str
    customer: str

    def __str__(self) -> str:
        """The part below the corp, safe in a key: `kf/wk…/wm…`."""
        return "/".join((self.channel, quote(self.account, safe=""), quote(self.customer, safe="")))

    @classmethod
    def parse(cls, corp_id: CorpId, text: str) -> "ConversationId":
        """The reverse of `str`. Raises ValueError."""
        channel, account, customer = text.split("/")
        return cls(corp_id, Channel(channel), unquote(account), unquote(customer))


class MessageKind(StrEnum):
    """What a customer sent, under WeCom's own names; what we do not know yet is OTHER, with its name in `detail`."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a customer said, once.

    `message_id` is WeCom's own id (kf: msgid; app: MsgId, or FromUserName+CreateTime+event for events) and unique
    within the conversation's account. `app` is the name of the tenant's app whose callback and token it came through.
    `sent_at` is aware. `menu_id` is set when the customer clicked a menu entry of ours.
    `detail` holds the other fields of the kind as WeCom names them (media_id, latitude, ...).
    """

    message_id: MessageId
    conversation: ConversationId
    app: str
    kind: MessageKind
    sent_at: datetime
    text: str = ""
    menu_id: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu: what the customer reads, and the article that it stands for."""

    choice_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says: a text, and perhaps choices to pick from. A part of a long reply is a Reply too."""

    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Callback:
    """One HTTP request from WeCom, as it came: the query's fields and the raw body (or echostr, at verification)."""

    signature: str
    timestamp: str
    nonce: str
    body: bytes
