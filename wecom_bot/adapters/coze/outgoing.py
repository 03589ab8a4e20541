"""What may leave for Coze or an intent service: words without personal data."""

from collections.abc import Mapping

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.privacy import mask

_MOST_TEXT = 4000


def said(turn: Turn) -> str:
    """What the customer said, masked, and no longer than makes sense."""
    return mask(whole_characters(turn.text))[:_MOST_TEXT]


def masked(slots: Mapping[str, str]) -> dict[str, str]:
    """The slots, with the personal data in their values masked."""
    return {name: mask(whole_characters(value)) for name, value in slots.items()}


def whole_characters(text: str) -> str:
    """The text without halves of characters, which no JSON reader has to take."""
    return text.encode("utf-8", "replace").decode("utf-8")
