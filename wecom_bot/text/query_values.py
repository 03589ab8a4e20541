"""The values of a database as customers read them, and the filters of the templates that tell them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

_FORMATS = re.compile(r"%(?:[YmdHMS]|%)")


def shown(value: object) -> str:
    """A value as customers read it: 11月20日 10:00 for a moment, 10:00 for a time of day.

    Nothing for NULL, bytes and what is no value.
    """
    match value:
        case None | bytes() | Mapping() | list():
            return ""
        case datetime():
            return f"{value.month}月{value.day}日 {value:%H:%M}"
        case date():
            return f"{value.year}年{value.month}月{value.day}日"
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _date(value: object, form: str = "%m-%d %H:%M") -> str:
    """A moment in a form of %Y %m %d %H %M %S alone."""
    if not isinstance(value, date | time):
        return shown(value)
    return _FORMATS.sub(lambda each: value.strftime(each[0]), form.replace("%%", "%"))


def _money(value: object) -> str:
    return f"{Decimal(str(value)):.2f}" if isinstance(value, int | float | Decimal) else shown(value)


def _default(value: object, instead: object = "") -> object:
    from jinja2 import Undefined  # noqa: PLC0415 - see _environment

    return instead if isinstance(value, Undefined) or value is None or value == "" else value


def _truncate(value: object, most: int = 50) -> str:
    text = shown(value)
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"


def _tail(value: object, most: int = 4) -> str:
    return shown(value)[-most:] if most > 0 else ""


FILTERS: Mapping[str, Callable[..., object]] = {
    "date": _date,
    "default": _default,
    "length": lambda value: len(value) if isinstance(value, Sequence) else len(shown(value)),
    "lower": lambda value: shown(value).lower(),
    "money": _money,
    "tail": _tail,
    "trim": lambda value: shown(value).strip(),
    "truncate": _truncate,
    "upper": lambda value: shown(value).upper(),
}
"""What a template may do to a value; none makes a text longer than it was, but by what is written out in it."""
