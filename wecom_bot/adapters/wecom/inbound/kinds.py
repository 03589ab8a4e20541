"""What can be read of each kind of message of 微信客服 (page 94670), and what else is kept of it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from wecom_bot.adapters.wecom.inbound import values
from wecom_bot.domain.message import LONGEST_MESSAGE, MessageKind

Body = Mapping[Any, Any]

_KINDS = {kind.value: kind for kind in MessageKind if kind is not MessageKind.OTHER}
_OLD_NAMES = {"head_img": "head_image", "shop_head_img": "shop_head_image"}  # WxJava's, perhaps once WeCom's
_FORWARDED_MOST = LONGEST_MESSAGE  # characters of forwarded messages: as much as anybody reads before answering
_FORWARDED_ITEMS = 200
_FORWARDED_DEPTH = 4  # forwarded messages within forwarded messages


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: fields as InboundMessage has them."""

    kind: MessageKind
    text: str = ""
    menu_id: str | None = None
    detail: dict[str, str] = field(default_factory=dict)


def kind_of(name: str) -> MessageKind:
    """The kind that WeCom calls so, in whatever case; OTHER for what we do not know."""
    return _KINDS.get(name.lower(), MessageKind.OTHER)


def lines(texts: Iterable[str]) -> str:
    """Those of the texts that say something, one below the other."""
    return "\n".join(text for text in texts if text and not text.isspace())


def content(name: str, body: object) -> Content:
    """What the object of an item says. A kind or a shape that we do not know is OTHER: it must still be answered."""
    fields = body if isinstance(body, Mapping) else {}
    kind, detail = kind_of(name), values.detail(fields)
    text = _readable(kind, fields)[:LONGEST_MESSAGE]
    spoken = isinstance(fields.get("content"), str | int | float)
    if kind is MessageKind.OTHER or not (detail or text) or (kind is MessageKind.TEXT and not spoken):
        return Content(MessageKind.OTHER, detail={**detail, "msgtype": name})
    if kind is MessageKind.TEXT:
        return Content(kind, detail.pop("content"), detail.pop("menu_id", "") or None, detail)
    for old, new in _OLD_NAMES.items():
        if old in detail:
            detail.setdefault(new, detail.pop(old))
    return Content(kind, text, None, detail)


def _readable(kind: MessageKind, body: Body, depth: int = 0) -> str:
    """The words of a message; nothing for what is only seen or heard, or stands too deep."""
    if kind is MessageKind.MERGED_MSG:
        return "" if depth >= _FORWARDED_DEPTH else "\n".join(_forwarded(body, depth))[:_FORWARDED_MOST]
    return _READERS[kind](body) if kind in _READERS else ""


def _forwarded(body: Body, depth: int) -> Iterator[str]:
    """Who said what, for those of the forwarded messages that have words, until they are more than we keep."""
    items, length = body.get("item"), 0
    for item in islice(items if isinstance(items, list) else (), _FORWARDED_ITEMS):
        if length > _FORWARDED_MOST:
            return
        if isinstance(item, Mapping) and (said := _said(item, depth)):
            sender = values.word(item, "sender_name")
            yield f"{sender}：{said}" if sender else said
            length += len(said)


def _said(item: Body, depth: int) -> str:
    """`msg_content` is a message as a JSON string; what is no JSON and does not look like it is taken for words."""
    given = item.get("msg_content")
    try:
        message = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        text = str(given).strip()
        return "" if text.startswith(("{", "[")) else values.well_formed(text)
    if not isinstance(message, Mapping):
        return values.well_formed(str(given)).strip() if isinstance(given, str) and message is not None else ""
    name = values.word(message, "msgtype") or values.word(item, "msgtype")
    body = message.get(name, message)
    return _readable(kind_of(name), body, depth + 1) if isinstance(body, Mapping) else ""


def _text(body: Body) -> str:
    return values.word(body, "content")


def _place(body: Body) -> str:
    return lines((values.word(body, "name"), values.word(body, "address")))


def _link(body: Body) -> str:
    return lines(values.word(body, name) for name in ("title", "desc", "url"))


def _menu(body: Body) -> str:
    """Head, entries and tail of a menu, as it looks."""
    entries = body.get("list")
    shown = [_entry(entry) for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return lines((values.word(body, "head_content"), *shown, values.word(body, "tail_content")))


def _entry(entry: Body) -> str:
    inner = entry.get(values.word(entry, "type"))
    return values.word(inner, "content") if isinstance(inner, Mapping) else ""


def _product(body: Body) -> str:
    return values.word(body, "title")


def _order(body: Body) -> str:
    """Its number first, as customers write it: so the order can be looked up as if they had."""
    titles = body.get("product_titles")
    words = [title for title in titles if isinstance(title, str)] if isinstance(titles, list) else []
    number = values.word(body, "order_id")
    named = map(values.well_formed, words or [values.word(body, "product_titles")])
    return lines((f"订单 {number}" if number else "", *named))


_READERS: Mapping[MessageKind, Callable[[Body], str]] = {
    MessageKind.TEXT: _text,
    MessageKind.LOCATION: _place,
    MessageKind.LINK: _link,
    MessageKind.MSGMENU: _menu,
    MessageKind.CHANNELS_SHOP_PRODUCT: _product,
    MessageKind.CHANNELS_SHOP_ORDER: _order,
}
