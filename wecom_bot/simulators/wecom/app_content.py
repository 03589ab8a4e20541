"""What message/send may say, kind by kind, and its limits (WeCom page 90236)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from wecom_bot.simulators.wecom.attachments import LABELS, attachment
from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.content import ScreenMessage, Words, posted, proved
from wecom_bot.simulators.wecom.refusals import WecomRefusal

_Fields = Mapping[str, Any]
_TEXT_BYTES = 2048
_TITLE, _DESCRIPTION, _URL = Words(128), Words(512), Words(2048)
_TITLE_IF_ANY, _DESCRIPTION_IF_ANY = Words(128, needed=False), Words(512, needed=False)
_BUTTON_LETTERS = 4
_MOST_ARTICLES = 8
_MOST_ROWS, _KEY_LETTERS, _VALUE_LETTERS = 10, 10, 30
_NOTICE = {"appid": Words(64), "page": Words(1024, needed=False), "title": Words(64)}


def read(caller: CallingApp, msgtype: str, body: _Fields) -> ScreenMessage:
    """The message as its reader sees it. Raises WecomRefusal."""
    if msgtype == "video":
        proved("video", posted(msgtype, body), {"title": _TITLE_IF_ANY, "description": _DESCRIPTION_IF_ANY})
    if msgtype in LABELS:
        return attachment(caller, msgtype, posted(msgtype, body))
    if msgtype not in _KINDS:
        raise WecomRefusal(40008, msgtype)
    return _KINDS[msgtype](posted(msgtype, body))


def _text(given: _Fields) -> ScreenMessage:
    """Words, cut to what WeCom carries."""
    content = given.get("content", "")
    if not isinstance(content, str):
        raise WecomRefusal(40058, "text.content")
    if not content:
        raise WecomRefusal(44004)
    return ScreenMessage("text", content.encode()[:_TEXT_BYTES].decode(errors="ignore"))


def _markdown(given: _Fields) -> ScreenMessage:
    if given.get("content", "") == "":
        raise WecomRefusal(44004)
    proved("markdown", given, {"content": Words(_TEXT_BYTES)})
    return ScreenMessage("markdown", given["content"])


def _card(given: _Fields) -> ScreenMessage:
    proved("textcard", given, {"title": _TITLE, "description": _DESCRIPTION, "url": _URL})
    _has_scheme(given["url"], "textcard.url")
    _letters(given.get("btntxt", ""), _BUTTON_LETTERS, "textcard.btntxt")
    return ScreenMessage("textcard", f"{given['title']}\n{given['description']}\n{given['url']}", fields=given)


def _news(given: _Fields) -> ScreenMessage:
    articles = given.get("articles")
    if not isinstance(articles, list) or not articles or not all(isinstance(one, dict) for one in articles):
        raise WecomRefusal(40058, "news.articles")
    if len(articles) > _MOST_ARTICLES:
        raise WecomRefusal(45008)
    for article in articles:
        proved("news.articles", article, {"title": _TITLE, "description": _DESCRIPTION_IF_ANY})
        if not (article.get("appid") and article.get("pagepath")):
            proved("news.articles", article, {"url": _URL})
            _has_scheme(article["url"], "news.articles.url")
    return ScreenMessage("news", "\n".join(one["title"] for one in articles), fields=given)


def _notice(given: _Fields) -> ScreenMessage:
    proved("miniprogram_notice", given, _NOTICE)
    rows = given.get("content_item", [])
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS or not all(isinstance(row, dict) for row in rows):
        raise WecomRefusal(40058, "miniprogram_notice.content_item")
    for row in rows:
        _letters(row.get("key"), _KEY_LETTERS, "miniprogram_notice.content_item.key")
        _letters(row.get("value"), _VALUE_LETTERS, "miniprogram_notice.content_item.value")
    lines = [given["title"], *(f"{row['key']}：{row['value']}" for row in rows)]
    return ScreenMessage("miniprogram_notice", "\n".join(lines), fields=given)


def _has_scheme(url: str, name: str) -> None:
    if not urlsplit(url).scheme:
        raise WecomRefusal(40058, name)


def _letters(value: object, most: int, name: str) -> None:
    if not isinstance(value, str) or len(value) > most:
        raise WecomRefusal(40058, name)


_KINDS: dict[str, Callable[[_Fields], ScreenMessage]] = {
    "text": _text,
    "markdown": _markdown,
    "textcard": _card,
    "news": _news,
    "miniprogram_notice": _notice,
}
