"""Makes of a text what WeCom carries, cut where a reader would: sizes are bytes of UTF-8."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.domain.message import ConversationId, Reply
from wecom_bot.telemetry import logs
from wecom_bot.text.showable import CRASHES_CLIENTS, says_something

log = logs.get(__name__)

_CLOSING = "[”’』」）】》)]*"  # belongs to the sentence that it closes
_NOT_IN_A_WORD = r"(?=\s|[^\x00-\x7f])"  # the ? of a link and the . of 3.14 end no sentence
_STOPS = (
    re.compile(rf"[。！？；…]+{_CLOSING}|(?<![.!?;])[.!?;]++{_CLOSING}{_NOT_IN_A_WORD}|\n"),
    re.compile(rf"[，、：]|[,:]{_NOT_IN_A_WORD}"),
    re.compile(r"\s"),
)
_LINK = re.compile(r"<a\s[^<>]*+>(?:(?!<a\s).)*?</a>|https?://[!-~]+", re.DOTALL)  # a link that is cut is no link

_ZWJ = "\u200d"
_EMOJI_MODIFIERS = ("\U0001f3fb", "\U0001f3ff")
_TAGS = ("\U000e0020", "\U000e007f")
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")


def clean(text: str) -> str:
    """The text without what WeCom's clients cannot bear."""
    return CRASHES_CLIENTS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def spoken(conversation: ConversationId, reply: Reply, instead: str) -> Reply:
    """The reply, or `instead` where nothing of it would be seen: nothing shown must not pass for an answer."""
    if reply.choices or reply.attachments or says_something(reply.text):
        return reply
    log.error("reply.empty", corp_id=conversation.corp_id, account=conversation.account, length=len(reply.text))
    return Reply(instead)


def split(text: str, most_bytes: int = limits.TEXT) -> tuple[str, ...]:
    """The cleaned text in parts that fit, in order: nothing is lost but white space at the cuts.

    None for a text of white space only, which WeCom refuses. It cuts after a sentence where that fills at least half
    a part, else after a comma, a space, a character; within a character as readers see it only if that alone is
    too long.
    """
    return tuple(_parts(clean(text), _roomy(most_bytes)))


def first(text: str, most_bytes: int = limits.TEXT) -> tuple[str, str]:
    """The first part of the text as `split` cuts it, and what is left: both cleaned, and empty where nothing is."""
    part, rest = _first(clean(text), _roomy(most_bytes))
    return (part, rest) if part.strip() else ("", "")


def cut(text: str, most_bytes: int) -> str:
    """The cleaned text on one line, its end replaced by … where it is too long."""
    line = " ".join(clean(text).split())
    if _size(line) <= most_bytes:
        return line
    return line[: _last_joint(line, _fit(line, most_bytes - _size("…")))].rstrip() + "…"


def _roomy(most_bytes: int) -> int:
    if most_bytes < 4:  # noqa: PLR2004 - the longest code point
        raise ValueError("most_bytes must hold any one character: at least 4")
    return most_bytes


def _parts(text: str, most_bytes: int) -> Iterator[str]:
    while text.strip():
        part, text = _first(text, most_bytes)
        if part.strip():
            yield part


def _first(text: str, most_bytes: int) -> tuple[str, str]:
    while _size(text) > most_bytes:
        end = _end_of_part(text, _fit(text, most_bytes))
        part, text = text[:end].rstrip(), text[end:].lstrip()
        if part:
            return part, text
    return text, ""


def _size(text: str) -> int:
    return len(text.encode())


def _fit(text: str, most_bytes: int) -> int:
    """How many characters fit."""
    return len(text[:most_bytes].encode()[:most_bytes].decode(errors="ignore"))


def _end_of_part(text: str, limit: int) -> int:
    """Where to cut: at most `limit` characters in, and more than none."""
    links = [found.span() for found in _LINK.finditer(text, 0, 2 * limit)]
    for stop in _STOPS:
        if at := _last_stop(text, stop, limit, links):
            return at
    broken = next((start for start, end in links if start < limit < end), 0)
    return broken if broken > limit // 2 and _parts_here(text, broken) else _last_joint(text, limit)


def _last_stop(text: str, stop: re.Pattern[str], limit: int, links: Sequence[tuple[int, int]]) -> int:
    """The end of the last such stop in the second half, outside of links; 0 if there is none."""
    # one more character is in sight, so that what must follow a stop can be seen
    ends = (found.end() for found in stop.finditer(text, 0, limit + 1))
    fit = [at for at in ends if limit // 2 <= at <= limit and _parts_here(text, at)]
    return next((at for at in reversed(fit) if not _within(links, at)), 0)


def _within(links: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a cut there would break one of the links, which follow each other."""
    before = bisect_left(links, (at,)) - 1
    return before >= 0 and at < links[before][1]


def _last_joint(text: str, limit: int) -> int:
    """The last place up to `limit` that parts two characters as readers see them; `limit` if there is none."""
    return next((at for at in range(limit, 0, -1) if _parts_here(text, at)), limit)


def _parts_here(text: str, at: int) -> bool:
    """Whether a cut before `text[at]` leaves every visible character whole (Unicode annex 29, as far as it matters)."""
    if at >= len(text):
        return True
    after = text[at]
    if after == _ZWJ or text[at - 1] == _ZWJ or unicodedata.category(after) in {"Mn", "Mc", "Me"}:
        return False
    if _EMOJI_MODIFIERS[0] <= after <= _EMOJI_MODIFIERS[1] or _TAGS[0] <= after <= _TAGS[1]:
        return False
    return not (_flag_letter(after) and _flag_letters_before(text, at) % 2)


def _flag_letter(character: str) -> bool:
    return _FLAG_LETTERS[0] <= character <= _FLAG_LETTERS[1]


def _flag_letters_before(text: str, at: int) -> int:
    count = 0
    while count < at and _flag_letter(text[at - 1 - count]):
        count += 1
    return count
