"""Finding the value of a slot in what a customer says."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TypeVar

from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.pattern import TEXT_MOST, Match, NotAPattern, Pattern, pattern
from wecom_bot.domain.pattern_share import share
from wecom_bot.errors import PatternTooSlow
from wecom_bot.telemetry import logs, metrics
from wecom_bot.text import privacy
from wecom_bot.text.folding import aligned_width
from wecom_bot.text.reading.numbers import Label, joined, label, names

log = logs.get(__name__)

VALUE_MOST = 200

Found = TypeVar("Found")

_ALREADY = timedelta(0)
_BESIDE = 20  # how far before a value its refusal may begin
_ANYTHING = ("随便说一句话", "just some words")
_WRONG = (
    r"(?!是不是|是否)(?:[这那][个是])?(?:是|都)?(?:不对|[写说发输填打报记给看]错了?|错了|是错的?"
    r"|不是的?(?![0-9A-Za-z]))(?![吗么嘛])"
)
_WRONG_BESIDE = re.compile(rf"[\s:：\"”]*{_WRONG}")
_WRONG_THEN = re.compile(rf"[\s,，。.;；]*{_WRONG}")  # after a comma it may as well be said of what stood before
_NOT_THIS = re.compile(r"(?<![是要])(?:不是|不要|不查|别查|而非|并非)(?:[这那]个|订单|单号|号码|号|的|是|[\s:：\"“])*$")


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose patterns are read: for the log, and whose time it is."""

    corp_id: CorpId
    intent: str | None


def readable(text: str) -> str:
    """The text as patterns read it: full-width digits as digits, nothing unseen between them, of bounded length."""
    return aligned_width(text[:TEXT_MOST]).text[:TEXT_MOST]


def missing(spec: IntentSpec, slots: Mapping[str, str]) -> SlotSpec | None:
    """The first slot that the intent still has to know."""
    return next((slot for slot in spec.slots if not slots.get(slot.name)), None)


def find(
    slot: SlotSpec, text: str, known: str = "", taken: Collection[str] = (), whose: Whose | None = None
) -> str | None:
    """The slot's value in a readable text; None if it names none.

    What is refused (不是 A，是 B; A 写错了，B 才对) is none; what belongs to another slot (`taken`) is none. Of several
    what is not taken back goes first, then a number that is no phone's or card's, then what we did not know before.
    Where the text as it is names none, its numbers are read in one piece: 2026 1120 0001, 二零二六….
    """
    found = _found(slot, text, whose, lambda _, each: each.value not in taken, known)
    return found[0] if found else None


def unlabelled(slot: SlotSpec, text: str, whose: Whose | None = None, *, asked: bool = False) -> tuple[str, ...]:
    """The values, in that order, that nothing beside them says to be something else: a phone's, a card's, an amount.

    A label that our question names is none of something else. What only looks like a person's number is taken where it
    was `asked` for, or called an order's.
    """
    personal = cache(_personal)  # looked for once a form, however many values it has

    def may_be(form: str, each: _Valued) -> bool:
        called = label(form, *each.match.span())
        if called is None:
            return asked or not _overlaps(each.match, personal(form))
        return called is Label.ORDER or names(slot.ask, called)

    return _found(slot, text, whose, may_be)


def without_values(text: str, found: Sequence[str]) -> str:
    """What is said beside these values."""
    said = joined(text)
    for value in found:
        said = said.replace(value, " ")
    return said.strip()


@dataclass(frozen=True, slots=True)
class _Valued:
    match: Match
    value: str


def _found(
    slot: SlotSpec, text: str, whose: Whose | None, fits: Callable[[str, _Valued], bool], known: str = ""
) -> tuple[str, ...]:
    """The values that fit, the likeliest first, in the text as it is or else with its numbers in one piece."""
    for form in dict.fromkeys((text, joined(text))):
        matches = _read(slot, whose, _findall(form)) or ()
        valued = (_Valued(match, value) for match in matches if (value := _value(match)))
        found = [each for each in valued if not _is_refused(form, each.match) and fits(form, each)]
        if found:
            return _in_order(form, found, known)
    return ()


def _in_order(text: str, found: Sequence[_Valued], known: str) -> tuple[str, ...]:
    if len(found) > 1:
        personal = _personal(text)

        def rank(each: _Valued) -> tuple[bool, bool, bool]:
            taken_back = _WRONG_THEN.match(text, each.match.end()) is not None
            return taken_back, _overlaps(each.match, personal), each.value == known

        found = sorted(found, key=rank)
    return tuple(dict.fromkeys(each.value for each in found))


def _personal(text: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in privacy.find(text)]


def _overlaps(match: Match, spans: Sequence[tuple[int, int]]) -> bool:
    start, end = match.span()
    return any(begin < end and start < stop for begin, stop in spans)


def fit(slot: SlotSpec, named: str, whose: Whose | None = None) -> str | None:
    """A value that a recogniser named, as the slot's pattern sees it; None if it does not fit."""
    match = _read(slot, whose, lambda read: read.search(readable(named)))
    return (_value(match) or None) if match else None


def is_open(slot: SlotSpec, whose: Whose | None = None) -> bool:
    """Whether any words fit: such a slot is heard only as the answer to its question."""
    return bool(_read(slot, whose, lambda read: any(read.search(words) for words in _ANYTHING)))


def is_bare(slot: SlotSpec, text: str, whose: Whose | None = None) -> bool:
    """Whether a readable text is a value of the slot and nothing else."""
    if is_open(slot, whose):
        return False
    forms = dict.fromkeys(each.strip(" \n。.，,！!") for each in (text, joined(text)))
    return any(_read(slot, whose, _fullmatch(bare)) is not None for bare in forms)


def _findall(text: str) -> Callable[[Pattern], list[Match]]:
    return lambda read: read.findall(text)


def _fullmatch(text: str) -> Callable[[Pattern], Match | None]:
    return lambda read: read.fullmatch(text)


def _read(slot: SlotSpec, whose: Whose | None, read: Callable[[Pattern], Found]) -> Found | None:
    """What the slot's pattern finds; nothing where it takes too long, or is none: the turn goes on without."""
    fields = {"corp_id": whose.corp_id, "intent": whose.intent} if whose else {}

    def reading() -> Found:
        return read(pattern(slot.pattern))

    try:
        return share(whose.corp_id).spend(reading) if whose else reading()
    except PatternTooSlow as e:
        if e.aside != _ALREADY:
            metrics.SLOW_PATTERNS.inc()
            aside = e.aside and round(e.aside.total_seconds(), 1)
            log.warning("slot.too_slow", slot=slot.name, why=str(e), aside=aside, **fields)
    except NotAPattern as e:
        log.warning("slot.no_pattern", slot=slot.name, error=str(e), **fields)
    return None


def _is_refused(text: str, match: Match) -> bool:
    start, end = match.span()
    return bool(_NOT_THIS.search(text, max(0, start - _BESIDE), start) or _WRONG_BESIDE.match(text, end))


def _value(match: Match) -> str:
    value: str | None = match[1] if match.re.groups else match[0]
    return (value or "").strip()[:VALUE_MOST]
