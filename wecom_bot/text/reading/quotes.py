"""What of a message its writer quotes: said before, by anybody, and answered now.

WeChat and WeCom put the quote before the words: 「name：…」 with a line of dashes, or 这是一条引用/回复消息. Mail
clients put `>` before its lines, or the whole of it at the end.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_DASHES = r"[ \t]*(?:[-—–─━_=－＿*·•~][ \t]*){3,}"
_DASH_LINE = re.compile(rf"^{_DASHES}$", re.MULTILINE)
_AFTER_QUOTE = re.compile(rf"[ \t]*(?:(?:\n[ \t]*){{1,3}}{_DASHES}(?:\n|\Z)|{_DASHES}\n)")
_NAMED = re.compile(r"[「『][^「」『』\n：:]{1,40}[：:]")
_OPENS = {"「": "」", "『": "』"}
_MARKER = re.compile(
    r"\s*(?:[\[【(（]?\s?(?:这是一条)?\s?(?:引用|回复)(?:\s?[/、和与]\s?(?:引用|回复))?(?:的?消息"
    r"|内容)?\s?[\]】)）]?\s?[：:]?[ \t]*\n"
    r"|(?:this is a )?(?:quote|reply)(?:\s?/\s?(?:quote|reply))?(?: message)?\s?[:：][ \t]*\n|[\[【]\s?(?:引用|回复"
    r"|quote|reply)\s?[\]】]|(?:引用|quoted?)(?:的?消息|内容)?\s?[：:](?=[ \t]*[\"“「『'‘]))",
    re.IGNORECASE,
)
_IN_MARKS = re.compile(r"\s*(?:\"[^\"]{1,2000}\"|“[^”]{1,2000}”|「[^」]{1,2000}」|『[^』]{1,2000}』)[ \t]*(?:\n|$)")
_FOOT = re.compile(rf"^{_DASHES}\n\s{{0,5}}[「『]", re.MULTILINE)
_OPENING = re.compile(r"\s*[\"“「『‘']")
_REPLY_TO = re.compile(r"\s*(?:回复|reply to)\s{0,2}(?:@\s?|(?<=\s))[^\s:：\n]{1,30}[ \t]?[：:]\s*", re.IGNORECASE)
_ANGLE = re.compile(r"[ \t]{0,3}[>＞](?![ \t=]{0,3}[0-9¥￥$])")  # > 100 元 is a comparison
_WROTE = re.compile(
    r"^[ \t]*(?:-{2,}\s?(?:original message|原始邮件|forwarded message|转发邮件)\s?-{2,}.*|on .{5,100} wrote:\s*"
    r"|.{5,60}(?:写道|wrote)[：:]\s*)$",
    re.IGNORECASE | re.MULTILINE,
)
_MOST = 3  # quotes within a quote's answer, and so on


@dataclass(frozen=True, slots=True)
class Parted:
    """A message's own words, as they were written, and what it quotes, each as it stands there."""

    own: str
    quoted: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def part(text: str) -> Parted:
    """Own words and quotes of one message. A message without a quote is all its own."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    own, quoted = text, list[str]()
    for _ in range(_MOST):
        end = _heading(own)
        if not end:
            break
        quoted.append(own[:end].strip())
        own = own[end:].lstrip("\n")
    own = _without_mail(_without_foot(own, quoted), quoted)
    return Parted(own, tuple(quoted)) if quoted else Parted(text)


def _heading(text: str) -> int:
    """Where the quote at the beginning ends; 0 if there is none."""
    if marked := _MARKER.match(text):
        behind = _DASH_LINE.search(text, marked.end()) or _IN_MARKS.match(text, marked.end())
        return behind.end() if behind else 0
    if addressed := _REPLY_TO.match(text):
        return addressed.end()
    start = len(text) - len(text.lstrip())
    if end := _closing(text, start):
        return _bracketed(text, start, end)
    if _OPENING.match(text) and (dashes := _DASH_LINE.search(text)) and "\n\n" not in text[: dashes.start()].strip():
        return dashes.end()
    return 0


def _bracketed(text: str, start: int, end: int) -> int:
    """The same of 「…」: with dashes below it, or somebody's name in it and words on the next line."""
    if after := _AFTER_QUOTE.match(text, end):
        return after.end()
    rest = text[end:]
    return end if _NAMED.match(text, start) and rest.lstrip(" \t").startswith("\n") and rest.strip() else 0


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; 0 if none does."""
    opens = text[start : start + 1]
    if opens not in _OPENS:
        return 0
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == opens) - (text[place] == _OPENS[opens])
        if depth == 0:
            return place + 1
    return 0


def _without_foot(text: str, quoted: list[str]) -> str:
    """The text without a quote that stands below it, under a line of dashes."""
    found = _FOOT.search(text)
    if not found or not text[: found.start()].strip():
        return text
    end = _closing(text, found.end() - 1)
    if not end or text[end:].strip():
        return text
    quoted.append(text[found.start() :].strip())
    return text[: found.start()].rstrip()


def _without_mail(text: str, quoted: list[str]) -> str:
    """The text without what a mail client repeats of the letter that is answered."""
    if (wrote := _WROTE.search(text)) and text[: wrote.start()].strip():
        quoted.append(text[wrote.start() :].strip())
        text = text[: wrote.start()].rstrip()
    lines = text.split("\n")
    theirs = [line for line in lines if _ANGLE.match(line)]
    if not theirs:
        return text
    ours = [line for line in lines if not _ANGLE.match(line)]
    if not any(map(str.strip, ours)):
        return text  # whoever writes nothing else means it
    quoted.append("\n".join(theirs))
    return "\n".join(ours).strip("\n")
