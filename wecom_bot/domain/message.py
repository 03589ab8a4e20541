"""Messages, and the conversations that they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal, NewType
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


_MADE_OF = "~"
"""Before the digest of a made id: no userid holds it."""


def made_id(happened: str, content: str = "") -> MessageId:
    """The id of what came without one: who, when and what happened, and of a message a digest of its content.

    `happened` begins with the customer and a hyphen. Of two messages in one second only the content tells them apart.
    """
    return MessageId(f"{happened}{_MADE_OF}{sha256(content.encode()).hexdigest()[:16]}" if content else happened)


def unique_id(where: ConversationId, message_id: MessageId) -> str:
    """The id, unique within the account: two members may bring one MsgId."""
    if where.channel is Channel.KF or message_id.startswith(f"{where.customer}-"):
        return message_id
    return f"{where.customer}-{message_id}"


def former_id(message_id: MessageId) -> str:
    """What versions up to 0.1 note of a message: during an upgrade one may have come to them first, or may yet."""
    return message_id.partition(_MADE_OF)[0]


class MessageKind(StrEnum):
    """What a customer sent, under WeCom's own names; what we do not know yet is OTHER, with its name in `detail`."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    BUSINESS_CARD = "business_card"
    MINIPROGRAM = "miniprogram"
    MSGMENU = "msgmenu"
    CHANNELS = "channels"
    CHANNELS_SHOP_PRODUCT = "channels_shop_product"
    CHANNELS_SHOP_ORDER = "channels_shop_order"
    MERGED_MSG = "merged_msg"
    OTHER = "other"


_WORDLESS = {
    MessageKind.IMAGE: "[图片]",
    MessageKind.VOICE: "[语音]",
    MessageKind.VIDEO: "[视频]",
    MessageKind.FILE: "[文件]",
    MessageKind.LOCATION: "[位置]",
    MessageKind.LINK: "[链接]",
    MessageKind.BUSINESS_CARD: "[名片]",
    MessageKind.MINIPROGRAM: "[小程序]",
    MessageKind.CHANNELS: "[视频号]",
    MessageKind.CHANNELS_SHOP_PRODUCT: "[商品]",
    MessageKind.CHANNELS_SHOP_ORDER: "[订单]",
    MessageKind.MERGED_MSG: "[聊天记录]",
}


def shown(kind: MessageKind, text: str) -> str:
    """What people read of a message: its text, or in brackets what it is."""
    return text or _WORDLESS.get(kind, "" if kind in {MessageKind.TEXT, MessageKind.MSGMENU} else "[消息]")


LONGEST_MESSAGE = 4_000
"""Characters of a message that are kept: WeCom carries 2,048 bytes of a text, but more of links or forwarded ones."""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a customer said, once; or a servicer in the WeCom client, whose userid then is in `servicer`.

    `message_id` is WeCom's own id (kf: msgid; app: MsgId, or `made_id`) and unique within the conversation; within the
    account `unique_id` is. `app` is the name of the tenant's app whose callback and token it came through.
    `sent_at` is aware. `text` is what of it can be read: the words, or of a location its place, of a link its title and
    address, of forwarded messages what they say; empty where there is nothing to read (an image, a card).
    `menu_id` is set when the customer clicked a menu entry, whosever menu it was.
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
    servicer: str = ""


NONE_OF_THESE = "~none-of-these"
"""The id of the last entry of a menu of the bot's, which stands for no article."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu: what the customer reads, and the article that it stands for, or NONE_OF_THESE."""

    choice_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a reply shows beside its words. `picture` names a file in the tenant's folder of media, perhaps none.

    link: title, description, url, picture (WeChat shows a link only with one); image: picture;
    miniprogram: title, app_id, url (the page in it), picture.
    """

    kind: Literal["link", "image", "miniprogram"]
    title: str = ""
    description: str = ""
    url: str = ""
    picture: str = ""
    app_id: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says: a text, and perhaps choices to pick from and things to look at.

    A part of a long reply is a Reply too: words, with the choices on the last part that has words, or one attachment.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Callback:
    """One HTTP request from WeCom, as it came: the query's fields and the raw body (or echostr, at verification)."""

    signature: str
    timestamp: str
    nonce: str
    body: bytes
