"""What stands in the fields that WeCom sends: whatever it is, it becomes text that every store takes, or nothing."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wecom_bot.domain.message import LONGEST_MESSAGE

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_LATER_THAN = 2**32  # seconds: the year 2106, so that no later sum leaves what a datetime can hold
_MOST = LONGEST_MESSAGE  # characters: detail waits in the inbox with its message, and nobody needs more to look it up


def well_formed(text: str) -> str:
    """The text without lone surrogates: JSON may carry them (an emoji cut in half), and no store takes them."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def word(values: Mapping[Any, Any], name: str) -> str:
    """A field that is a word or a number, as text; empty if it is missing or anything else."""
    value = values.get(name)
    return well_formed(str(value)[:_MOST]) if isinstance(value, str | int) else ""


def number(values: Mapping[Any, Any], name: str) -> int | None:
    """A field that is a whole number, written as one or as text."""
    try:
        return int(word(values, name))
    except ValueError:
        return None


def moment(seconds: object) -> datetime | None:
    """Seconds since 1970, a number or text; None for what is no such moment."""
    try:
        since_1970 = int(str(seconds))
    except ValueError:
        return None
    return datetime.fromtimestamp(since_1970, UTC) if 0 < since_1970 < _NO_LATER_THAN else None


def scalars(values: Mapping[Any, Any]) -> dict[str, str]:
    """The plain values of a JSON object as texts, under the same names; objects, lists and nulls are left out."""
    return {
        well_formed(str(name)): scalar(value)[:_MOST]
        for name, value in values.items()
        if isinstance(value, str | int | float)
    }


def scalar(value: str | float) -> str:
    """A plain JSON value as text: words as they are, the rest as JSON writes it."""
    return well_formed(value) if isinstance(value, str) else json.dumps(value)


def detail(values: Mapping[Any, Any]) -> dict[str, str]:
    """The scalars, and objects and lists as compact JSON unless they are very long."""
    found = scalars(values)
    for name, value in values.items():
        if isinstance(value, Mapping | list) and value and (text := compact(value)):
            found[well_formed(str(name))] = text
    return found


def compact(value: object) -> str:
    """The value as one line of JSON; empty where it is longer than a detail may be, or deeper than JSON is written."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError):
        return ""
    return well_formed(text) if len(text) <= _MOST else ""
