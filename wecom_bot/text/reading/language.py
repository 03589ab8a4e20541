"""Which language a message is in, as far as the bot speaks several."""

import re
from enum import StrEnum

from wecom_bot.text.reading import emoji

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORDS = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_SHARE = 4  # Latin letters that one Chinese character outweighs


class Language(StrEnum):
    """The languages that the bot has words of its own for."""

    CHINESE = "zh"
    ENGLISH = "en"


def language(text: str) -> Language | None:
    """English where Latin letters say more than Chinese characters do; None where nothing tells.

    A single Latin word tells nothing: ok, thx and yyds are said in Chinese, too.
    """
    said = emoji.without(text)
    words, han = _WORDS.findall(said), len(_HAN.findall(said))
    latin = sum(map(len, words))
    if latin > han * _SHARE:
        return Language.ENGLISH if len(words) > 1 else None
    return Language.CHINESE if han else None
