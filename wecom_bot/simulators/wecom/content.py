"""What a message holds as its reader sees it, and what both sending APIs check in the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wecom_bot.simulators.wecom.refusals import WecomRefusal
from wecom_bot.simulators.wecom.schema import Option


@dataclass(frozen=True, slots=True)
class ScreenMessage:
    """One message on a screen; `fields` are those that were posted, with the `media` that they name."""

    msgtype: str
    text: str
    choices: tuple[Option, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """The limit of a field, in bytes of UTF-8."""

    most: int
    needed: bool = True


def posted(msgtype: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The object of a message, which is named as its kind. Raises WecomRefusal."""
    given = body.get(msgtype)
    if given is None:
        raise WecomRefusal(44004, msgtype)
    if not isinstance(given, dict):
        raise WecomRefusal(40058, msgtype)
    return given


def proved(name: str, given: Mapping[str, Any], rules: Mapping[str, Words]) -> None:
    """Hold the fields against their limits. Raises WecomRefusal, which names the field."""
    for key, rule in rules.items():
        value = given.get(key, "")
        if not isinstance(value, str) or (rule.needed and not value):
            raise WecomRefusal(40058, f"{name}.{key}")
        within(value, rule.most, f"{name}.{key}")


def within(text: str, most: int, name: str = "") -> str:
    """The text, if it has at most that many bytes of UTF-8. Raises WecomRefusal."""
    if len(text.encode()) > most:
        raise WecomRefusal(45002, name)
    return text
