"""The bodies of what we send, by msgtype: 微信客服 (page 94677) and own apps (page 90236), sizes kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.speaking import text
from wecom_bot.domain.message import Attachment, Choice, Reply

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AttachmentForm:
    """How a channel shows a kind of attachment: by a body made of it and its picture's media_id, if that is needed.

    The body is None where the attachment lacks what it takes.
    """

    body: Callable[[Attachment, str], Body | None]
    needs_picture: bool


Forms = Mapping[str, AttachmentForm]


def plain(words: str) -> Body:
    """A text, of what fits of the words."""
    return {"msgtype": "text", "text": {"content": text.first(words)[0]}}


def menu(part: Reply) -> Body:
    """A text, or the choices to click on below it. 微信客服 only: apps have none."""
    if not part.choices:
        return plain(part.text)
    words = text.first(part.text, limits.MENU_HEAD)[0]
    head = {"head_content": words} if words else {}
    items = [_item(choice) for choice in part.choices[: limits.MENU_ITEMS]]
    return {"msgtype": "msgmenu", "msgmenu": {**head, "list": items}}


def numbered(part: Reply) -> Body:
    """A text with the choices below it, numbered as the customer may answer."""
    if not part.choices:
        return plain(part.text)
    words = text.first(part.text, above(part.choices))[0]
    return plain("\n".join([*([words] if words else []), *listed(part.choices)]))


def listed(choices: Sequence[Choice]) -> list[str]:
    """The choices as numbered lines."""
    shown = enumerate(choices[: limits.MENU_ITEMS], start=1)
    return [f"{number}. {text.cut(choice.text, limits.MENU_ITEM_TEXT)}" for number, choice in shown]


def above(choices: Sequence[Choice]) -> int:
    """How many bytes are left for the words above the numbered choices."""
    return limits.TEXT - len("".join(f"\n{line}" for line in listed(choices)).encode())


def in_words(attachment: Attachment) -> str:
    """What can be said of an attachment that cannot be shown: its title, and where it is; perhaps nothing."""
    return "\n".join(
        word for word in (attachment.title.strip(), attachment.url if _is_url(attachment.url) else "") if word
    )


def _item(choice: Choice) -> Body:
    item_id = choice.choice_id.encode()[: limits.MENU_ITEM_ID].decode(errors="ignore")
    return {"type": "click", "click": {"id": item_id, "content": text.cut(choice.text, limits.MENU_ITEM_TEXT)}}


def _is_url(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and len(url.encode()) <= limits.URL


def _image(_attachment: Attachment, media_id: str) -> Body:
    return {"msgtype": "image", "image": {"media_id": media_id}}


def _kf_link(attachment: Attachment, media_id: str) -> Body | None:
    if not _is_url(attachment.url):
        return None
    link = {
        "title": text.cut(attachment.title or attachment.url, limits.LINK_TITLE),
        "desc": text.cut(attachment.description, limits.LINK_DESCRIPTION),
        "url": attachment.url,
        "thumb_media_id": media_id,
    }
    return {"msgtype": "link", "link": link}


def _kf_miniprogram(attachment: Attachment, media_id: str) -> Body | None:
    if not attachment.app_id or not attachment.url:
        return None
    page = {
        "appid": attachment.app_id,
        "title": text.cut(attachment.title, limits.MINIPROGRAM_TITLE),
        "thumb_media_id": media_id,
        "pagepath": attachment.url,
    }
    return {"msgtype": "miniprogram", "miniprogram": page}


def _textcard(attachment: Attachment, _media_id: str) -> Body | None:
    """A card, which WeCom wants to have a description: the address, where the tenant gave none."""
    if not _is_url(attachment.url):
        return None
    card = {
        "title": text.cut(attachment.title or attachment.url, limits.LINK_TITLE),
        "description": text.cut(attachment.description or attachment.url, limits.LINK_DESCRIPTION),
        "url": attachment.url,
    }
    return {"msgtype": "textcard", "textcard": card}


def _notice(attachment: Attachment, _media_id: str) -> Body | None:
    if not attachment.app_id or not attachment.title.strip():
        return None
    notice = {
        "appid": attachment.app_id,
        "page": attachment.url,
        "title": text.cut(attachment.title, limits.NOTICE_TITLE),
        "description": text.cut(attachment.description, limits.NOTICE_TITLE),
    }
    return {
        "msgtype": "miniprogram_notice",
        "miniprogram_notice": {name: word for name, word in notice.items() if word},
    }


KF: Forms = {
    "link": AttachmentForm(_kf_link, needs_picture=True),
    "image": AttachmentForm(_image, needs_picture=True),
    "miniprogram": AttachmentForm(_kf_miniprogram, needs_picture=True),
}
APP: Forms = {
    "link": AttachmentForm(_textcard, needs_picture=False),
    "image": AttachmentForm(_image, needs_picture=True),
    "miniprogram": AttachmentForm(_notice, needs_picture=False),
}
