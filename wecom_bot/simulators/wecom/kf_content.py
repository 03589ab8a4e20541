"""What kf/send_msg and kf/send_msg_on_event may say, kind by kind, and its limits (WeCom page 94677)."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from wecom_bot.simulators.wecom.attachments import LABELS, attached, attachment
from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.content import ScreenMessage, Words, posted, proved
from wecom_bot.simulators.wecom.menu import Menu
from wecom_bot.simulators.wecom.refusals import WecomRefusal

_Fields = Mapping[str, Any]
_TEXT_BYTES = 2048
_LINK = {"title": Words(128), "desc": Words(512, needed=False), "url": Words(2048)}
_MINIPROGRAM = {"appid": Words(32), "title": Words(64, needed=False), "pagepath": Words(1024)}
_ANY_LENGTH = 2048
_PLACE = {"name": Words(_ANY_LENGTH, needed=False), "address": Words(_ANY_LENGTH, needed=False)}


def read(caller: CallingApp, msgtype: str, body: _Fields) -> ScreenMessage:
    """The message as its reader sees it. Raises WecomRefusal."""
    if msgtype in LABELS:
        return attachment(caller, msgtype, posted(msgtype, body))
    if msgtype not in _KINDS:
        raise WecomRefusal(40008, msgtype)
    return _KINDS[msgtype](caller, posted(msgtype, body))


def _text(_caller: CallingApp, given: _Fields) -> ScreenMessage:
    if given.get("content", "") == "":
        raise WecomRefusal(44004)
    proved("text", given, {"content": Words(_TEXT_BYTES)})
    return ScreenMessage("text", given["content"])


def _menu(_caller: CallingApp, given: _Fields) -> ScreenMessage:
    try:
        text, choices = Menu.model_validate(given).shown()
    except ValidationError as e:
        raise WecomRefusal(40058, "msgmenu") from e
    return ScreenMessage("msgmenu", text, choices, given)


def _link(caller: CallingApp, given: _Fields) -> ScreenMessage:
    proved("link", given, _LINK)
    fields = attached(caller, given, "thumb_media_id", "image")
    return ScreenMessage(
        "link", "\n".join(filter(None, (given["title"], given.get("desc"), given["url"]))), fields=fields
    )


def _miniprogram(caller: CallingApp, given: _Fields) -> ScreenMessage:
    proved("miniprogram", given, _MINIPROGRAM)
    fields = attached(caller, given, "thumb_media_id", "image")
    return ScreenMessage("miniprogram", given.get("title", ""), fields=fields)


def _location(_caller: CallingApp, given: _Fields) -> ScreenMessage:
    proved("location", given, _PLACE)
    for name, most in (("latitude", 90), ("longitude", 180)):
        degrees = given.get(name)
        if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not -most <= degrees <= most:
            raise WecomRefusal(95022, f"location.{name}")
    words = "\n".join(filter(None, (given.get("name"), given.get("address"))))
    return ScreenMessage("location", words or "[位置]", fields=given)


def _card(_caller: CallingApp, given: _Fields) -> ScreenMessage:
    proved("business_card", given, {"userid": Words(64)})
    return ScreenMessage("business_card", "[名片]", fields=given)


def _acquisition_link(_caller: CallingApp, given: _Fields) -> ScreenMessage:
    proved("ca_link", given, {"link_url": Words(2048)})
    return ScreenMessage("ca_link", given["link_url"], fields=given)


_KINDS: dict[str, Callable[[CallingApp, _Fields], ScreenMessage]] = {
    "text": _text,
    "msgmenu": _menu,
    "link": _link,
    "miniprogram": _miniprogram,
    "location": _location,
    "business_card": _card,
    "ca_link": _acquisition_link,
}
