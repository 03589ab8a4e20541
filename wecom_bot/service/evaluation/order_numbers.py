"""Numbers of orders that never were, in the shape of a tenant's, and the ways in which customers write them."""

import re
from collections.abc import Callable, Iterator
from hashlib import sha256

from wecom_bot.dialog.slots import find
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput

_PLACE = re.compile(r"\{order(?P<form>[^{}]*)\}")
_GROUPS = re.compile(r"[1-9](?:[^0-9]+[1-9])+")
_HAN = str.maketrans("0123456789", "零幺二三四五六七八九")  # 幺, as numbers are read out
_WIDE = {ord(each): ord(each) + 0xFEE0 for each in map(chr, range(0x21, 0x7F))}
_BEGINS = "202611"  # as a shop numbers its orders: by the day
_PREFIXES = ("", "A", "AB", "ABC", "a", "ab", "A-", "AB-", "NO")
_LENGTHS = (12, *range(6, 12), *range(13, 25))


def _in_fours(between: str) -> Callable[[str], str]:
    return lambda number: between.join(number[at : at + 4] for at in range(0, len(number), 4))


_FORMS: dict[str, Callable[[str], str]] = {
    "": str,
    ":han": lambda number: number.translate(_HAN),
    ":wide": lambda number: number.translate(_WIDE),
    ":nbsp": _in_fours("\xa0"),
    ":dots": _in_fours("."),
    ":zwsp": _in_fours("\u200b"),
}


def unknown_form(text: str) -> str | None:
    """The first place of a text that asks for a way of writing which we do not know."""
    return next((found[0] for found in _PLACE.finditer(text) if _form(found["form"]) is None), None)


def has_place(text: str) -> bool:
    """Whether a number stands in the text."""
    return _PLACE.search(text) is not None


def filled(text: str, number: str) -> str:
    """The text with the number in its places. Raises InvalidInput."""

    def written(found: re.Match[str]) -> str:
        form = _form(found["form"])
        if form is None:
            raise InvalidInput(f"不认识的写法 / unknown form: {found[0]}")
        return form(number)

    return _PLACE.sub(written, text)


def made_up(tenant: Tenant, seed: str) -> str:
    """The same number for the same seed. Raises InvalidInput where the tenant looks no orders up, or none fits."""
    lookups = (spec for spec in tenant.intents if spec.lookup == "order")
    slot = next((slot for spec in lookups for slot in spec.slots if slot.name == "order_id"), None)
    if slot is None:
        raise InvalidInput(
            '{order} 要租户有查订单的意图（lookup = "order"）'
            " / {order} needs an intent of the tenant that looks orders up"
        )
    fits = (number for number in _numbers(seed) if find(slot, number) == number)
    if (number := next(fits, None)) is None:
        raise InvalidInput(
            f"编不出符合 order_id 的订单号：试过 6 到 24 位数字、带字母前缀的；pattern = '{slot.pattern}'"
            " / no made-up order number fits: tried 6 to 24 digits, and letters before them"
        )
    return number


def _numbers(seed: str) -> Iterator[str]:
    digits = str(int(sha256(seed.encode()).hexdigest(), 16))
    for prefix in _PREFIXES:
        for length in _LENGTHS:
            yield prefix + (_BEGINS + digits)[:length]


def _form(name: str) -> Callable[[str], str] | None:
    if name in _FORMS:
        return _FORMS[name]
    if name.startswith(":") and _GROUPS.fullmatch(name[1:]):
        return lambda number: _grouped(number, name[1:])
    return None


def _grouped(number: str, pattern: str) -> str:
    """The number in groups like those of the pattern; what is left over is more of the last one."""
    sizes, between = re.findall("[0-9]", pattern), re.findall("[^0-9]+", pattern)
    written, at = "", 0
    for place, size in enumerate(map(int, sizes)):
        written += (between[place - 1] if at and at < len(number) else "") + number[at : at + size]
        at += size
    return written + number[at:]
