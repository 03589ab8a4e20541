"""Cuts a reply into parts that a channel can carry, and keeps what of its words did not fit."""

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.speaking import text
from wecom_bot.domain.message import ConversationId, Reply
from wecom_bot.domain.tenant import Phrases
from wecom_bot.ports import Cut
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_MORE = 512  # bytes of the phrase that offers the rest: it must leave room for the words above it


def cut(conversation: ConversationId, reply: Reply, phrases: Phrases, most: int, with_choices: int) -> Cut:
    """The reply in at most `most` parts: words, the choices on the last of them, then each attachment by itself.

    `with_choices` is how many bytes the words may have that stand above the choices.
    """
    where = {"corp_id": conversation.corp_id, "account": conversation.account}
    reply = text.spoken(conversation, reply, phrases.trouble)
    last_bytes = with_choices if reply.choices else limits.TEXT
    words, rest = _words(reply.text, most, last_bytes, text.cut(phrases.more, _MORE))
    parts = [Reply(each) for each in words]
    if reply.choices:
        parts[-1:] = [Reply(words[-1] if words else "", reply.choices[: limits.MENU_ITEMS])]
    if rest:
        log.info("reply.shortened", parts=len(words), rest=len(rest), **where)
    room = most - len(parts)
    if len(reply.attachments) > room:
        log.warning("reply.attachments_left_out", left_out=len(reply.attachments) - room, **where)
    shown = [Reply("", attachments=(attachment,)) for attachment in reply.attachments[:room]]
    return Cut((*parts, *shown), rest)


def _words(words: str, most: int, last_bytes: int, more: str) -> tuple[list[str], str]:
    """The words in parts, the last no longer than `last_bytes`; and the rest, which that last part then offers."""
    words = text.clean(words).rstrip()
    whole = list(text.split(words))
    if whole:
        whole[-1:] = _with_short_end(whole[-1], last_bytes)
    if len(whole) <= most:
        return whole, ""
    kept, rest = [], words
    for _ in range(most - 1):
        part, rest = text.first(rest)
        kept.append(part)
    offer = f"\n{more}"
    end, rest = text.first(rest, last_bytes - len(offer.encode()))
    return [*kept, end + offer], rest


def _with_short_end(part: str, most_bytes: int) -> tuple[str, ...]:
    """The part, its end cut off where it is too long to stand above the choices."""
    *before, end = text.split(part, most_bytes)
    return (part.removesuffix(end).rstrip(), end) if before else (part,)
