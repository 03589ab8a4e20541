"""Masking of personal data: the one function for every place that text leaves by.

Mask copies, never the text that the dialog works on: an order number must stay readable to be looked up.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from wecom_bot.text.digits import BETWEEN, HAN, in_ascii, spoken
from wecom_bot.text.folding import Aligned, aligned_simplified, aligned_width
from wecom_bot.text.personal_data.candidate import CLAIMED, Candidate
from wecom_bot.text.personal_data.rules import RULES, PersonalDataKind, Rule

__all__ = ["EVERY_KIND", "PersonalDataKind", "Span", "find", "mask"]

EVERY_KIND = frozenset(PersonalDataKind)
_WORTH_A_LOOK = re.compile(rf"[0-9@]|[A-Za-z]{{5}}|{HAN}(?:{BETWEEN}{HAN}){{2}}|[\[({{<【]\s?at|艾特", re.IGNORECASE)
_HAN = re.compile(HAN)
_WITHOUT_HAN = tuple(rule for rule in RULES if not rule.spoken)
_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data at `text[start:end]`."""

    start: int
    end: int
    kind: PersonalDataKind


def find(text: str) -> tuple[Span, ...]:
    """The personal data in a text, from left to right, never overlapping."""
    return tuple(span for span, _ in _located(text))


def mask(text: str, kinds: Collection[PersonalDataKind] = EVERY_KIND) -> str:
    """The text with its personal data (of these kinds) made unreadable: 138****1234. Masking twice changes nothing."""
    pieces, end = [], 0
    for span, instead in _located(text):
        if span.kind in kinds:
            pieces += [text[end : span.start], instead]
            end = span.end
    return "".join((*pieces, text[end:])) if pieces else text


def _located(text: str) -> list[tuple[Span, str]]:
    aligned = aligned_width(text)
    aligned = replace(aligned, text=in_ascii(aligned.text))
    if not _WORTH_A_LOOK.search(aligned.text):
        return []
    aligned = aligned_simplified(aligned)  # 護照 is 护照
    return sorted(_claims(aligned), key=lambda claim: claim[0].start)


def _claims(aligned: Aligned) -> Iterator[tuple[Span, str]]:
    """Rule by rule: what one has claimed is blank for whatever is looked for after it."""
    said = aligned.text
    for _ in range(_MOST_ROUNDS):  # what is claimed may have hidden what begins right beside it
        before = said
        for rule in RULES if _HAN.search(said) else _WITHOUT_HAN:
            claimed = list(_candidates(rule, said))
            if rule.kind is not None:
                yield from (_claim(aligned, rule.kind, rule.shape(each), each) for each in claimed)
            said = _without(said, claimed) if claimed else said
        if said == before:
            break


def _claim(aligned: Aligned, kind: PersonalDataKind, instead: str, candidate: Candidate) -> tuple[Span, str]:
    return Span(*aligned.span(*candidate.found.span()), kind), instead


def _candidates(rule: Rule, said: str) -> Iterator[Candidate]:
    """What the rule means in a text, from left to right."""
    read = spoken(said) if rule.spoken else said
    place = floor = 0
    while found := rule.pattern.search(read, place):
        candidate = Candidate(found, said, floor)
        if rule.meant(candidate):
            yield candidate
            place = floor = found.end()
        else:
            place = found.start() + 1  # what is not meant may hide what is


def _without(text: str, claimed: Sequence[Candidate]) -> str:
    """The text, just as long, blank where something was claimed: made once for all claims, however many."""
    pieces, end = [], 0
    for start, stop in (candidate.found.span() for candidate in claimed):
        pieces += [text[end:start], CLAIMED * (stop - start)]
        end = stop
    return "".join((*pieces, text[end:]))
