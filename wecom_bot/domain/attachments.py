"""What an article shows beside its answer: as operators write it, and as it is stored."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import PurePosixPath
from typing import Any, get_args, get_type_hints

from wecom_bot.domain.message import Attachment
from wecom_bot.errors import InvalidInput
from wecom_bot.text.showable import CRASHES_CLIENTS, says_something

MOST = 3
"""Of one article: of the five messages that may follow one of the customer's, one is words and one a handoff's."""

KINDS: tuple[str, ...] = get_args(get_type_hints(Attachment)["kind"])

_AS_JSON = json.JSONEncoder(ensure_ascii=False)  # made anew for each it takes longer than writing none
_FIELDS = tuple(field.name for field in fields(Attachment))
# Bytes that WeCom takes (kf/send_msg, page 94677), and a name that is one of our own folder
_LONGEST = {"title": 128, "description": 512, "url": 2048, "picture": 128, "app_id": 32}
_LONGEST_OF_MINIPROGRAMS = _LONGEST | {"title": 64, "url": 1024}
_NEEDED = {"link": ("title", "url"), "image": ("picture",), "miniprogram": ("title", "app_id", "url", "picture")}
_PICTURES = (".jpg", ".jpeg", ".png")
_NAME = re.compile(r"[\w][\w .()-]*")
_ADDRESS = re.compile(r"https?://\S+")


def proved(text: str) -> tuple[Attachment, ...]:
    """What an operator wrote: a JSON list of objects, or nothing. Raises InvalidInput with all that is wrong."""
    if not text.strip():
        return ()
    listed = _objects(text)
    problems = [f"附件超过 {MOST} 个 / more than {MOST} attachments"] if len(listed) > MOST else []
    for number, each in enumerate(listed[:MOST], 1):
        problems += [f"第 {number} 个附件：{flaw}" for flaw in _flaws(each)]
    if problems:
        raise InvalidInput("；".join(problems))
    return tuple(Attachment(**{name: value.strip() for name, value in each.items()}) for each in listed)


def _objects(text: str) -> list[dict[str, Any]]:
    """The objects of a list, or the one that is written without a list. Raises InvalidInput."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("附件不是正确的 JSON / the attachments are not JSON") from None
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise InvalidInput("附件应是对象的列表 / the attachments should be a list of objects")
    return listed


def dumped(attachments: Iterable[Attachment]) -> str:
    """A JSON list, from which `loaded` and `proved` make the same."""
    said = [{name: value for name, value in asdict(each).items() if value} for each in attachments]
    return _AS_JSON.encode(said)


def loaded(stored: str | None) -> tuple[Attachment, ...]:
    """What `dumped` wrote; none of what was stored before there were any."""
    return tuple(Attachment(**each) for each in json.loads(stored)) if stored else ()


def _flaws(said: Mapping[str, Any]) -> Iterator[str]:
    if unreadable := _unreadable(said):
        yield unreadable
        return
    values = {name: said.get(name, "").strip() for name in _FIELDS}
    yield from _flaws_of_size(values["kind"], values)
    yield from _flaws_of_form(values["kind"], values)


def _unreadable(said: Mapping[str, Any]) -> str | None:
    """Why nobody can tell what is meant: then nothing else need be said."""
    if unknown := sorted(set(said) - set(_FIELDS)):
        return f"不认识的键 {'、'.join(unknown)}，只有 {'、'.join(_FIELDS)} / unknown keys"
    if not all(isinstance(value, str) for value in said.values()):
        return "值都应是字符串 / every value should be a string"
    if said.get("kind", "").strip() not in KINDS:
        return f"kind 应是 {'、'.join(KINDS)} 之一 / kind should be one of these"
    return None


def _flaws_of_size(kind: str, values: Mapping[str, str]) -> Iterator[str]:
    if missing := [name for name in _NEEDED[kind] if not says_something(values[name])]:
        yield f"{kind} 缺少 {'、'.join(missing)} / {kind} lacks these"
    for name, most in (_LONGEST_OF_MINIPROGRAMS if kind == "miniprogram" else _LONGEST).items():
        if (size := len(values[name].encode(errors="replace"))) > most:
            yield f"{name} 有 {size} 字节，最多 {most} / {name} is too long"


def _flaws_of_form(kind: str, values: Mapping[str, str]) -> Iterator[str]:
    if CRASHES_CLIENTS.search("".join(values.values())):
        yield "含有无法显示的字符，请删去 / it holds characters that nobody can be shown"
    if kind == "link" and values["url"] and not _ADDRESS.fullmatch(values["url"]):
        yield "url 应以 http:// 或 https:// 开头，且没有空格 / the url should begin with http:// or https://"
    if values["picture"] and not _is_picture(values["picture"]):
        yield "picture 应是媒体目录里的文件名，.jpg 或 .png / picture should be the name of a .jpg or .png file"


def _is_picture(name: str) -> bool:
    """A name, and no way out of the folder."""
    return _NAME.fullmatch(name) is not None and PurePosixPath(name).suffix.lower() in _PICTURES
