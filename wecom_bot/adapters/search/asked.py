"""What of a question is looked up."""

from collections.abc import Sequence

from wecom_bot.adapters.search.text import tokens
from wecom_bot.adapters.search.words import FUNCTION_WORDS

_MOST_TOKENS = 256  # who writes more tells a story, and its beginning will do


def distinct(query: str) -> Sequence[str]:
    """The tokens of a question, each once, in order."""
    return list(dict.fromkeys(tokens(query)))[:_MOST_TOKENS]


def telling(question: Sequence[str]) -> Sequence[str]:
    """Without words that say little of what is asked about, if there are others."""
    return [token for token in question if token not in FUNCTION_WORDS] or question


def telling_more(question: Sequence[str]) -> Sequence[str]:
    """Without single characters, too, which half of all articles have: meaning finds what they would."""
    return telling([token for token in question if len(token) > 1] or question)
