"""Masking of personal data: the one function for every place that text leaves by.

Mask copies, never the text that the dialog works on: an order number must stay readable to be looked up.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from wecom_bot.domain.personal_data import CLAIMED, RULES, Kind
from wecom_bot.domain.text import Aligned, aligned_width

__all__ = ["EVERY_KIND", "Kind", "Span", "find", "mask"]

EVERY_KIND = frozenset(Kind)
_WORTH_A_LOOK = re.compile(r"[0-9@]|[A-Za-z]{5}|[零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]{3}")


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data at `text[start:end]`."""

    start: int
    end: int
    kind: Kind


def find(text: str) -> tuple[Span, ...]:
    """The personal data in a text, from left to right, never overlapping."""
    return tuple(span for span, _ in _located(text))


def mask(text: str, kinds: Collection[Kind] = EVERY_KIND) -> str:
    """The text with its personal data (of these kinds) made unreadable: 138****1234. Masking twice changes nothing."""
    pieces, end = [], 0
    for span, instead in _located(text):
        if span.kind in kinds:
            pieces += [text[end : span.start], instead]
            end = span.end
    return "".join((*pieces, text[end:])) if pieces else text


def _located(text: str) -> list[tuple[Span, str]]:
    aligned = aligned_width(text)
    if not _WORTH_A_LOOK.search(aligned.text):
        return []
    return sorted(_claims(aligned), key=lambda claim: claim[0].start)


def _claims(aligned: Aligned) -> Iterator[tuple[Span, str]]:
    """Rule by rule: what one has claimed is blank for whatever is looked for after it."""
    text = aligned.text
    for rule in RULES:
        place = 0
        while found := rule.pattern.search(text, place):
            start, end = found.span()
            if not rule.meant(found):
                place = start + 1  # what is not meant may hide what is
                continue
            text = text[:start] + CLAIMED * (end - start) + text[end:]
            place = end
            if rule.kind is not None:
                yield Span(*aligned.span(start, end), rule.kind), rule.shape(found)
