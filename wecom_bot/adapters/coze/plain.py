"""What of a bot's answer is for the customer. Its Markdown is made plain where everybody's is, in `text/plain.py`."""

from wecom_bot.adapters.coze.internals import is_programs, without_internals
from wecom_bot.text.plain import plain, without_thoughts

_MOST_TEXT = 20_000  # characters to look at: more than can be said


def for_customer(text: str) -> str:
    """The answer with nothing in it that Coze, a model or our prompt left there; empty if nothing is for them."""
    text = without_internals(text[:_MOST_TEXT].replace("\r\n", "\n"))
    text = without_thoughts(text).strip()
    return "" if is_programs(text) or not plain(text) else text
