"""What recognisers answer, in whatever form, as intents with scores in 0..1 and slots.

Workflows wrap their JSON in text, the text in JSON, and models wrap it in prose: each form is told by its look, in a
fixed order, and at most four wrappings are taken off.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from wecom_bot.adapters.coze.envelope import code_of, parsed, scrubbed
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.scores import SYNTHETIC, score, slots
from wecom_bot.domain.dialog import Intent
from wecom_bot.errors import TemporaryFailure

_LEVELS = 4
_MOST_TEXT = 20_000
_MOST_TRIES = 50
_MOST_NAME = 64
_FENCED = re.compile(r"```[A-Za-z]*+\s*+(.*?)```", re.DOTALL)
_NAMES = ("name", "intent", "label")
_SCORES = ("score", "confidence", "probability")
_WRAPPINGS = ("data", "output", "Output", "result")


class Unreadable(TemporaryFailure):
    """Nothing that we know how to read; the next answer may be better. The message says the form, not the content."""


@dataclass(frozen=True, slots=True)
class IntentReading:
    """Intents, best first, perhaps none; and slots, as text."""

    intents: tuple[Intent, ...] = ()
    slots: dict[str, str] = field(default_factory=dict)


def read(raw: object, labels: Sequence[str] = (), topk: int = 3) -> IntentReading:
    """What an answer means. Raises Unreadable; Failed where it holds an error code.

    `labels` are the known intents, in the order in which an intent node numbers them.
    """
    return _AnswerReader(tuple(labels), topk).read(raw, _LEVELS)


@dataclass(frozen=True, slots=True)
class _AnswerReader:
    labels: tuple[str, ...]
    topk: int

    def read(self, raw: object, levels: int) -> IntentReading:
        match raw:
            case dict():
                return self._object(raw, levels)
            case list():
                return self._reading(raw, None)
            case str():
                return self._text(raw, levels)
        raise _unreadable(raw)

    def _inner(self, raw: object, levels: int) -> IntentReading:
        if not levels:
            raise Unreadable(f"an answer in more than {_LEVELS} wrappings")
        return self.read(raw, levels - 1)

    def _object(self, found: dict[str, Any], levels: int) -> IntentReading:
        if code := code_of(found):
            raise Failed.refused(code)  # what it says may quote the customer
        if (inner := _wrapped(found)) is not None:
            return self._inner(inner, levels)
        if "intents" in found:
            return self._reading(_unpacked(found["intents"]), found.get("slots"))
        if _is_item(found):
            return self._reading([found], found.get("slots"))
        if "classificationId" in found:
            return self._reading(self._numbered(found["classificationId"]), found.get("slots"))
        if "slots" in found:
            return self._reading([], found["slots"])
        raise _unreadable(found)

    def _text(self, text: str, levels: int) -> IntentReading:
        text = text.strip()[:_MOST_TEXT]
        if isinstance(whole := parsed(text), dict | list | str):
            return self._inner(whole, levels)
        for inner in _objects_within(text):
            return self._inner(inner, levels)
        if label := self._label(text):
            return IntentReading((Intent(label, SYNTHETIC),))
        raise _unreadable(text)

    def _numbered(self, number: object) -> list[str]:
        """The label of an intent node's id: 0 is none of them, 1 the first."""
        text = str(number).removesuffix(".0") if isinstance(number, int | float | str) else ""
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= len(self.labels)):  # noqa: PLR2004
            raise Unreadable("a classificationId that stands for no intent of the tenant")
        return [self.labels[int(text) - 1]] if int(text) else []

    def _reading(self, intents: object, known: object) -> IntentReading:
        best: dict[str, float] = {}
        for name, points in self._items(intents):
            best[name] = max(points, best.get(name, 0.0))
        ranked = sorted(best.items(), key=lambda pair: -pair[1])[: self.topk]
        return IntentReading(tuple(Intent(name, points) for name, points in ranked), slots(_unpacked(known)))

    def _items(self, intents: object) -> Iterator[tuple[str, float]]:
        for item in _listed(intents):
            name, points = _item(item)
            if name and len(name) <= _MOST_NAME and name.isprintable():
                yield self._label(name) or name, points

    def _label(self, text: str) -> str | None:
        """The known intent that is meant, whatever the case."""
        text = text.strip()
        if text in self.labels:
            return text
        return next((label for label in self.labels if label.casefold() == text.casefold()), None)


def _wrapped(found: dict[str, Any]) -> object:
    """What is within an envelope; None if this is none."""
    if any(key in found for key in ("code", "msg", "content_type")) and found.get("data") is not None:
        inner: object = found["data"]
        return inner
    if len(found) == 1:
        return next((found[key] for key in _WRAPPINGS if key in found), None)
    return None


def _is_item(found: dict[str, Any]) -> bool:
    """Whether an object on its own is an intent: anything may have a name, an intent's has a score beside it."""
    return "intent" in found or (any(name in found for name in _NAMES) and any(key in found for key in _SCORES))


def _listed(intents: object) -> list[object]:
    """A list of intents, also of one alone, and of an object whose fields are intents with their scores."""
    if isinstance(intents, list):
        return intents
    if not isinstance(intents, dict):
        return [intents]
    single = any(name in intents for name in _NAMES) and not all(_is_number(each) for each in intents.values())
    return [intents] if single else [{"name": name, "score": each} for name, each in intents.items()]


def _item(item: object) -> tuple[str, float]:
    """The name and score of one intent; no name, no intent."""
    if isinstance(item, str):
        return item.strip(), SYNTHETIC
    if not isinstance(item, dict):
        return "", 0.0
    name = next((item[key] for key in _NAMES if item.get(key)), None)
    if isinstance(name, dict):  # {"intent": {"name": ..., "confidence": ...}}
        return _item(name)
    given = next((item[key] for key in _SCORES if item.get(key) is not None), None)
    return (name.strip() if isinstance(name, str) else ""), SYNTHETIC if given is None else score(given)


def _unpacked(value: object) -> object:
    """The JSON within a text, if there is any."""
    if not isinstance(value, str):
        return value
    inner = parsed(value)
    return value if inner is None else inner


def _objects_within(text: str) -> Iterator[object]:
    """The JSON in a fence, or the first object in prose that is one."""
    for fence in _FENCED.finditer(text):
        if isinstance(inner := parsed(fence[1]), dict | list):
            yield inner
    decoder, place = json.JSONDecoder(strict=False), text.find("{")
    for _ in range(_MOST_TRIES):
        if place < 0:
            return
        try:
            inner, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            if inner:
                yield scrubbed(inner)
        place = text.find("{", end)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _unreadable(raw: object) -> Unreadable:
    if isinstance(raw, dict):
        return Unreadable(f"an object of {len(raw)} fields and no intents")
    return Unreadable(f"a text of {len(raw)} characters" if isinstance(raw, str) else f"a {type(raw).__name__}")
