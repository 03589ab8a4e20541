"""Scores and slots, made comparable."""

import json
import math

SYNTHETIC = 0.8
"""The score of an intent that was named without one."""

_PERCENT = 100
_MOST_SLOTS = 32
_MOST_NAME = 64
_MOST_VALUE = 200


def score(value: object) -> float:
    """0..1; what is above 1 is taken for per cent, and what is no number for 0."""
    if not isinstance(value, str | int | float):
        return 0.0
    try:
        number = float(value.strip().removesuffix("%") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return 0.0
    if not math.isfinite(number) or number < 0:
        return 0.0
    return min(number / _PERCENT if number > 1 else number, 1.0)


def slots(value: object) -> dict[str, str]:
    """Name and text of every slot that has a value; given as an object or as a list of {"name", "value"}."""
    if isinstance(value, list):
        pairs = [(each.get("name"), each.get("value")) for each in value if isinstance(each, dict)]
    elif isinstance(value, dict):
        pairs = list(value.items())
    else:
        return {}
    found = {name: text for name, inner in pairs if isinstance(name, str) and (text := _text(inner))}
    return {
        name: text
        for name, text in list(found.items())[:_MOST_SLOTS]
        if 0 < len(name) <= _MOST_NAME and name.isprintable()
    }


def _text(value: object) -> str:
    """A slot's value as text; empty for what says nothing, and for what is too long to be one."""
    if value is None or value in ("", [], {}):
        return ""
    match value:
        case str():
            text = value.replace("\0", "").strip()  # no store keeps it
        case {"value": inner}:
            return _text(inner)
        case list() if all(isinstance(each, str | int | float) for each in value):
            text = "、".join(str(each) for each in value)
        case _:
            text = _dumped(value)
    return text if len(text) <= _MOST_VALUE else ""


def _dumped(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""
