"""Digits as people write them: in every script, in Chinese, one by one, and with anything between them."""

import re
import unicodedata

_BY_WORD = {
    "0": "零〇洞",
    "1": "一幺壹弌",
    "2": "二两贰兩貳弍",
    "3": "三叁參叄弎",
    "4": "四肆",
    "5": "五伍",
    "6": "六陆陸",
    "7": "七柒拐",
    "8": "八捌",
    "9": "九玖勾",
}
_SPOKEN = {ord(word): digit for digit, words in _BY_WORD.items() for word in words}

HAN = f"[{''.join(_BY_WORD.values())}]"
"""A digit in Chinese, also as banks, railways and soldiers say it."""

BETWEEN = r"[\s.,\-‐-―−/\\·•・‧∙⋅_、。|~:;'\"’‘“”()\[\]{}<>【】「」#&^!…]{0,3}"
"""What may stand between two digits of one number; not what counts or pays: + = × * % and money."""

_OTHER_DIGIT = re.compile(r"(?![0-9])\d|[❶-❾➀-➈➊-➒⓵-⓽⓿]")
_GROUP = re.compile(r"[0-9]+")


def in_ascii(text: str) -> str:
    """The text, just as long, with the digits of all scripts as 0 to 9."""
    return text if text.isascii() else _OTHER_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)


def spoken(text: str) -> str:
    """The text, just as long, with Chinese digits as 0 to 9."""
    return text if text.isascii() else text.translate(_SPOKEN)


def groups(number: str) -> tuple[str, ...]:
    """The digits of a number as they stand together: 138 1234 5678 has three groups."""
    return tuple(_GROUP.findall(number))


def gaps(number: str) -> tuple[str, ...]:
    """What stands between the groups."""
    return tuple(_GROUP.split(number)[1:-1])
