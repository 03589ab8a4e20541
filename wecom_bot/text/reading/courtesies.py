"""Courtesies: what is said to be polite, to show that one listens, or to see who is there, and asks for nothing.

A text is one if it is made of nothing but their phrases, particles, forms of address and emoji, however they are strung
together: 好的谢谢, 嗯嗯好滴, 哈哈你真棒👍. The phrases lie in `courtesies/`, a kind a file; a bracket there holds
alternatives, of which one may be nothing.
"""

import re
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

from wecom_bot.text.folding import fold, letters
from wecom_bot.text.reading import emoji

_PHRASES = resources.files(__package__) / "courtesies"
_LONGEST = 120  # characters
_PIECES = re.compile(r"[，,。.!！~～\n;；]+")
# A face of signs, with at most a few letters in it: :-D, (づ｡◕‿‿◕｡)づ, ¯\\_(ツ)_/¯
_FACE = re.compile(
    r"\s*(?:[^\w\s]|_){0,8}(?:[A-Za-zァ-ヾぁ-んДдωσεзхТПoO0](?:[^\w\s]|_){1,8}){1,3}[A-Za-zぁ-んァ-ヾ]?\s*|=[0-9]=|[xX:;=][-']?[DdPp)(3oOxX]+"
)
_PLAIN = re.compile(r"[\w\s?？!！.。,，、~～+#/&…:：\"'“”]*")  # C++, A/B?, no?
_MOST = 30  # letters; whoever writes more says more

_PARTICLES = (
    "[啊呀呢哦噢喔哟嗷吖哈啦咯嘞滴哒哇嘛吧呗哩咧欸诶了的您你我]|你们|您们|咱们|大家|各位|亲(?:亲|爱的)?|宝(?:宝|贝)?|老板|老师|客服|店家|店主|卖家|掌柜|老铁"
    "|小?(?:姐姐|哥哥)|哥|姐|大?(?:佬|哥|姐|叔|爷|神)|美女|帅哥|朋友|同学|师傅|小二|机器人|小助手|助手|那个?|这边|请问|就|先|都|真的|那么|please|pls|plz|dear|sir"
    "|madam|guys|man|bro|buddy|friend|there|all|you|so|very|much|and|then"
)
# By themselves they decline; before a nod they deny it: 没收到, no good
_DENIED = re.compile("(?:no|not)(?:good|right|great|correct|fine|ok|okay|nice|cool|sure|yes|thanks(?!$))")
_ALONE = re.compile(r"(?:没|没有|没啦|no|nope|nah)(?:[啊呀呢哦哈了的]|亲|谢谢|thanks|thx)*")
_ADDRESS = re.compile("亲(?:爱的|亲|们)?|老板|店家|掌柜|店主|老师|小姐姐|小哥哥|美女|帅哥|小二")  # by themselves
_INTERJECTION = re.compile("[啊呀哦噢喔嗯额呃唉哎诶欸咦嘛哈]+")
_CLARIFY = re.compile(r"[?？❓❔⁇⁈]|\.{2,}|…|。{2,}|,{3,}|，{3,}|、{3,}|-{3,}")


class Courtesy(StrEnum):
    """A kind of courtesy; of several in one text the first in this order is the one to reply to."""

    IDENTITY = "identity"
    DECLINE = "decline"
    GOODBYE = "goodbye"
    APOLOGY = "apology"
    PRESENCE = "presence"
    THANKS = "thanks"
    PRAISE = "praise"
    GREETING = "greeting"
    NOD = "nod"
    LAUGHTER = "laughter"
    PUZZLED = "puzzled"
    EMOJI = "emoji"


_BY_EMOJI = {
    emoji.Mood.THANKS: Courtesy.THANKS,
    emoji.Mood.YES: Courtesy.NOD,
    emoji.Mood.BYE: Courtesy.GOODBYE,
    emoji.Mood.LAUGHTER: Courtesy.LAUGHTER,
    emoji.Mood.DOUBT: Courtesy.PUZZLED,
    emoji.Mood.OTHER: Courtesy.EMOJI,
}


@lru_cache(maxsize=1024)
def courtesy(text: str) -> Courtesy | None:
    """What kind of courtesy the text is, if it is nothing else; a lone ？ or …… is PUZZLED."""
    if len(text) > _LONGEST:
        return None
    if _FACE.fullmatch(text) and not _PLAIN.fullmatch(text):
        return Courtesy.EMOJI
    if whole := _of_one(text):
        return whole
    pieces = [each for each in _PIECES.split(text) if each.strip()]
    kinds = [_of_one(each) for each in pieces] if len(pieces) > 1 else [None]
    found = [kind for kind in kinds if kind]
    return min(found, key=list(Courtesy).index) if len(found) == len(kinds) else None


def _of_one(text: str) -> Courtesy | None:
    words = emoji.without(text)
    said = letters(words)
    if not said:
        return _without_letters(text, words)
    if len(said) > _MOST:
        return None
    if _ALONE.fullmatch(said):
        return Courtesy.DECLINE
    if _ADDRESS.fullmatch(said):
        return Courtesy.GREETING
    if _INTERJECTION.fullmatch(said) and _CLARIFY.search(fold(words)):
        return Courtesy.PUZZLED
    kinds = set() if _DENIED.match(said) else _kinds(said)
    return min(kinds, key=list(Courtesy).index) if kinds else None


def phrases(kind: Courtesy) -> tuple[str, ...]:
    """The patterns of a kind, as they lie in its file."""
    return tuple((_PHRASES / f"{kind}.txt").read_text("utf-8").split("\n")[:-1])


def _without_letters(text: str, words: str) -> Courtesy | None:
    moods = emoji.moods(text)
    if moods:
        return min((_BY_EMOJI[mood] for mood in moods), key=list(Courtesy).index)
    said = fold(words).strip()
    if not said:
        return None
    return Courtesy.PUZZLED if _CLARIFY.search(said) else Courtesy.EMOJI


def _kinds(said: str) -> set[Courtesy]:
    """The kinds of the fewest phrases that make up the whole; empty if none do, or if they are only particles."""
    token, end = _token(), len(said)
    best: dict[int, tuple[int, frozenset[Courtesy]]] = {0: (0, frozenset())}
    for start in range(end):
        if start not in best or not token.match(said, start):  # no phrase looks at what is around it
            continue
        steps, kinds = best[start]
        for stop in range(end, start, -1):
            found = token.fullmatch(said, start, stop)
            if found and (stop not in best or steps + 1 < best[stop][0]):
                more = {Courtesy(found.lastgroup)} if found.lastgroup else set[Courtesy]()
                best[stop] = (steps + 1, kinds | more)
    return set(best[end][1]) if end in best else set()


@cache
def _token() -> re.Pattern[str]:
    kinds = (f"(?P<{kind}>{'|'.join(phrases(kind))})".replace("(", "(?:") for kind in Courtesy)
    return re.compile("|".join([*(each.replace("(?:?P<", "(?P<", 1) for each in kinds), f"(?:{_PARTICLES})"]))
