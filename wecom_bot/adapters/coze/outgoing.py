"""What may leave for Coze or an intent service: words without personal data.

Some numbers are personal only beside the word that says so (护照, 座机), and that word often stands in our question, in
the name of the slot, or elsewhere in what the customer said: a value is looked at with each. In doubt it is masked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.privacy import Span, find, mask

STARS = "****"

MOST_TEXT = 4000
"""Characters of what was said that leave, however long the messages are that were merged."""

# What is masked beyond that and then cut off: a number that was cut in two cannot be told, but no number is as long
_MARGIN = 500
_HEAD = 100  # characters in which an answer's first number ends
_FIRST = 30  # and in which it begins, if what was asked is to be near it
_LEAST_VALUE = 4  # characters; a shorter one is no number of a person, though it may stand within one
_LEAST_DIGITS = 6
_MOST_RUNS = 50
_WINDOW = 8  # characters of a question: no rule of privacy looks further back
_STEP = 4  # no word that the rules look for is longer, but English ones
_RUN = re.compile(r"(?=(?<![A-Za-z0-9])([A-Za-z0-9][A-Za-z0-9() -]{5,30}))")  # each word begins one
_ENGLISH = re.compile(r"[A-Za-z]{3,8}")
# Of each kind that is personal only beside its word: what a question's words make of these, they make of others
_NUMBERS: tuple[str, ...] = (
    "E12345678",
    "EA1234567",
    "H12345678",
    "H1234567890",
    "01087654321",
    "05718765432",
    "110101900307123",
)
_NUMBERS += ("6222021234567894", "新ABCDE", "京ABCDEF", "黑A12345")
_MEANT = {"id_card": "身份证", "identity": "身份证", "id_number": "身份证", "phone": "电话", "permit": "通行证"}
_MEANT |= {"landline": "座机", "fax": "传真"}


@dataclass(frozen=True)
class Outgoing:
    """A turn as strangers may see it; with what the customer quotes only for who can tell that from their own words.

    What it takes to know that is found out once.
    """

    tenant: Tenant
    turn: Turn
    with_quotes: bool = False

    def said(self) -> str:
        """What the customer said, masked, and no longer than makes sense."""
        text = self._text
        # an answer to our question has its meaning from there
        spans = [span for cue in self._cues(self.turn.state.asking) for span in _with_cue(cue, text)]
        starred = _starred(text, spans, self._personal) if spans else text
        shown = mask(starred) if starred != text or self._personal else text
        for value, instead in self._hidden.items():
            shown = shown.replace(value, instead)
        return shown[: min(MOST_TEXT, len(shown) - _MARGIN if len(text) > MOST_TEXT else MOST_TEXT)]

    def slots(self) -> dict[str, str]:
        """The slots, with the personal data in their values masked."""
        slots = {name: whole_characters(value) for name, value in self.turn.state.slots.items()}
        return {name: self._hidden.get(value, value) for name, value in slots.items()}

    @cached_property
    def _text(self) -> str:
        """What is looked at of what was said."""
        text = self.turn.said if self.with_quotes else self.turn.text
        return whole_characters(text[: MOST_TEXT + _MARGIN])

    @cached_property
    def _personal(self) -> tuple[Span, ...]:
        """The personal data in it."""
        return find(self._text)

    @cached_property
    def _hidden(self) -> dict[str, str]:
        """The values that are personal data, or hold some, and what to say instead; the longest first."""
        named = sorted(self.turn.state.slots.items(), key=lambda slot: -len(slot[1]))
        values = ((name, whole_characters(value)) for name, value in named)
        return {value: _shape(value) for name, value in values if value and self._is_personal(name, value)}

    def _is_personal(self, name: str, value: str) -> bool:
        if any(query.verify and query.verify.slot == name for query in self.tenant.queries):
            return True  # it proves who the customer is
        return bool(
            _lies_within(value, self._text, self._personal)
            or find(value)
            or any(_with_cue(cue, value) for cue in self._cues(name))
        )

    def _cues(self, slot: str | None) -> Iterator[str]:
        """What may stand before the value of a slot: its name, and each question that asks for it."""
        if slot is None:
            return
        yield slot
        yield from (meant for word, meant in _MEANT.items() if word in slot)
        for intent in self.tenant.intents:
            for each in intent.slots:
                if each.name == slot:
                    yield from _telling(each.ask)


def whole_characters(text: str) -> str:
    """The text without halves of characters, which no JSON reader has to take."""
    return text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=1024)
def _telling(question: str) -> tuple[str, ...]:
    """The pieces of a question that make something of a number: one of those that make the same of all of them."""
    telling = {_meaning(piece): piece for piece in dict.fromkeys(_pieces(question))}
    telling.pop(_meaning(""), None)
    return tuple(telling.values())


def _meaning(piece: str) -> tuple[tuple[Span, ...], ...]:
    return tuple(tuple(_after(f"{piece}: ", number)) for number in _NUMBERS)


def _pieces(question: str) -> Iterator[str]:
    """A question, piece by piece, so that each of its words stands close before the value once."""
    for start in range(0, max(1, len(question) - _STEP), _STEP):
        yield question[start : start + _WINDOW]
    yield from _ENGLISH.findall(question)


def _with_cue(cue: str, text: str) -> list[Span]:
    """The personal data that a cue tells of: at the text's beginning, and in what may be a number anywhere in it."""
    heard = [span for span in _after(f"{cue}: ", text[:_HEAD]) if span.start < _FIRST]
    for start, run in _runs(text):
        heard += (Span(span.start + start, span.end + start, span.kind) for span in _after(f"{cue}: ", run))
    return heard


def _after(before: str, text: str) -> Iterator[Span]:
    """The personal data in a text, read after other words."""
    for span in find(before + text):
        if span.end > len(before):
            yield Span(max(0, span.start - len(before)), span.end - len(before), span.kind)


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """What may be numbers of a person, and where; not all of a text that is made of them."""
    runs = ((run.start(), run[1]) for run in _RUN.finditer(text) if sum(map(str.isdigit, run[1])) >= _LEAST_DIGITS)
    return islice(runs, _MOST_RUNS)


def _shape(value: str) -> str:
    shown = mask(value)
    return shown if shown != value else STARS


def _starred(text: str, spans: list[Span], known: Iterable[Span]) -> str:
    plain = {(span.start, span.end) for span in known}  # mask knows a better shape for these
    taken = len(text)
    for span in sorted(spans, key=lambda span: -span.end):
        if (span.start, span.end) not in plain and span.end <= taken:
            text = text[: span.start] + STARS + text[span.end :]
            taken = span.start
    return text


def _lies_within(value: str, text: str, spans: Iterable[Span]) -> bool:
    """Whether the value is, somewhere in the text, a part of these spans."""
    if len(value) < _LEAST_VALUE:
        return False
    places = [found.start() for found in re.finditer(re.escape(value), text)]
    return any(span.start < place + len(value) and place < span.end for span in spans for place in places)
