"""What customers call themselves, in what we say to them: {nickname} in a tenant's words."""

import re
import unicodedata

from wecom_bot.text.plain import plain
from wecom_bot.text.privacy import mask
from wecom_bot.text.showable import CRASHES_CLIENTS

PLACE = "{nickname}"

_MOST = 16  # characters: a name, and not a speech in our mouth
_LOOKED_AT = 200
_LINK = re.compile(
    r"</?a[^<>]*>|[（(]?https?://[!-~]*[）)]?", re.IGNORECASE
)  # which a chat window would make a link of
_MARKUP = frozenset("*#`<>[]{}|\\")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # with which people hide their name
_HIDDEN = frozenset({"Cf", "Co", "Cs"})
_EDGES = " \u200d_~-+"
_ZWJ = "\u200d"
_SKIN = ("\U0001f3fb", "\U0001f3ff")

_WHO = rf"(?:尊敬的|敬爱的|亲爱的|\bDear[^\S\n]++)?{re.escape(PLACE)}"  # nobody is dear by no name
_PAUSE = r"[，,、：:；;。.！!～~]"
# A run of blanks or commas is looked at from its beginning alone: from each of its characters would be its square
_WITHOUT = (
    (re.compile(rf"[（(“\"「『【《]{_WHO}[）)”\"」』】》]"), ""),
    (re.compile(rf"(?:\A|(?P<line>(?<!\s)[^\S\n]*+\n)|(?<=\n)(?=\S))\s*+{_WHO}(?:\s|{_PAUSE})*+"), r"\g<line>"),
    (re.compile(rf"((?<=[。.！!？?；;…])[^\S\n]*+){_WHO}(?:[^\S\n]|{_PAUSE})*+"), r"\1"),
    (re.compile(rf"(?<![，,、：:\s])[，,、：:\s]++{_WHO}(?=[，,、：:；;。.！!？?～~…）)\n]|\Z)"), ""),
    (re.compile(rf"(?<![^\S\n])[^\S\n]++{_WHO}(?=[^\S\n])"), ""),
    (re.compile(_WHO), ""),
)


def addressed(text: str, nickname: str) -> str:
    """The text with the name in its places; without one, so that nobody sees that there should have been one."""
    if PLACE not in text:
        return text
    if name := called(nickname):
        return text.replace(PLACE, name)
    for place, instead in _WITHOUT:
        text = place.sub(instead, text)
    return text.strip()


def called(nickname: str) -> str:
    """The nickname as it may stand in a line of ours; empty if it names nobody.

    A stranger wrote it: it is one short line without markup, links, hidden characters or somebody's number.
    """
    line = CRASHES_CLIENTS.sub("", " ".join(_LINK.sub("", plain(nickname[:_LOOKED_AT])).split()))
    name = _short(mask("".join(filter(_shows, line)).strip(_EDGES))).strip(_EDGES)
    return name if any(unicodedata.category(each)[0] in "LNS" for each in name) else ""


def _shows(character: str) -> bool:
    if character in _MARKUP or character in _BLANK_LETTERS:
        return False
    return character == _ZWJ or unicodedata.category(character) not in _HIDDEN


def _short(name: str) -> str:
    """The first characters, and of an emoji that is made of several none rather than some."""
    end = min(len(name), _MOST)
    while end and _joined(name, end):
        end -= 1
    return name[: end or _MOST]


def _joined(name: str, at: int) -> bool:
    if at >= len(name):
        return False
    after = name[at]
    composed = after == _ZWJ or name[at - 1] == _ZWJ or _SKIN[0] <= after <= _SKIN[1]
    return composed or unicodedata.category(after).startswith("M")
