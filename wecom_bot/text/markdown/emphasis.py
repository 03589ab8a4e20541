"""Markdown's *emphasis* and __underlines__ as the words alone; products, masks and blanks are none."""

import re

from wecom_bot.text.markdown.bold import unbolded

_STRONGEST = re.compile(r"(?<![0-9A-Za-z*])\*\*\*(?![\s*])([^*\n]{1,500}?)(?<!\s)\*\*\*(?![0-9A-Za-z*])")
_BEGINS = "(?=[\\w“‘《「『【（(\\[\"'`¥￥$])"  # *^_^* is a face
_EMPHASIS = re.compile(rf"(?<![\w*])\*(?![\d.]{{1,9}}\*){_BEGINS}([^*\n]{{1,500}}?)(?<![\s*])\*(?![\w*])")
_UNDERLINED = re.compile(rf"(?<!\w)(__?)(?!_){_BEGINS}([^\n]{{1,500}}?)(?<![\s_])\1(?!\w)")

# Between Chinese letters, where no blank tells a mark from a star: only around a few words without a pause
_ADDRESSED = r"（(?:https?://|mailto:|tel:)[^\s*（）]{1,500}）"
_SPELL = rf"(?:{_ADDRESSED}|[^\s*_，。；：！？、…,;:!?]|(?<=[0-9A-Za-z])[ ](?=[0-9A-Za-z])){{1,60}}"
_TIGHT = re.compile(rf"(?<![0-9A-Za-z*])\*(?![\d.]{{1,9}}\*){_BEGINS}({_SPELL})\*(?![A-Za-z*])")
_TIGHT_UNDERLINED = re.compile(
    rf"(?<![0-9A-Za-z_])__(?![a-z0-9]{{1,60}}__){_BEGINS}({_SPELL}(?:_{_SPELL}){{0,3}})__(?![0-9A-Za-z_])"
)
_NEAR = 8
_FORMULA = re.compile(r"[=＝×÷]|等于|乘以")
_JOINS = re.compile(r"[和与或及]")
_RUN_BEFORE = re.compile(r"[^\W_]{0,8}\Z")
_RUN_AFTER = re.compile(r"[^\W_]{0,8}")
_VALUE = re.compile(
    r"\d|(?:[单原售总均定现底]价|价格|价钱|金额|总额|数量|重量|容量|用量|件数|个数|人数|天数|次数|倍数|页数|系数|折扣|[利税费汇比]率|比例"
    r"|运费|邮费|费用|税费|面积|体积|长度|宽度|高度|厚度|时长|小时|积分|姓名|电话|手机号?|地址|日期|时间|性别|年龄|邮箱|号码|[编单型]号|[长宽高])"
)


def unemphasised(text: str) -> str:
    """The words of one line without the stars and underlines around them."""
    text = unbolded(_STRONGEST.sub(r"\1", _UNDERLINED.sub(r"\2", text)))
    text = _TIGHT.sub(_words, _EMPHASIS.sub(r"\1", text))
    return _TIGHT_UNDERLINED.sub(_words, _UNDERLINED.sub(r"\2", text))


def _words(found: re.Match[str]) -> str:
    """What stands between two marks, or all of it where they may be no marks.

    单价*数量*折扣 is a product, 姓名__电话__ a form; in 张*明和李*华, 北京市*区 and *号键和#键 each star is one.
    """
    words = found[1]
    before = _run(_RUN_BEFORE, found.string[max(0, found.start() - _NEAR) : found.start()])
    after = _run(_RUN_AFTER, found.string[found.end() : found.end() + _NEAR])
    around = found.string[max(0, found.start() - 3 * _NEAR) : found.end() + 3 * _NEAR]
    are_values = _VALUE.search(before) and _VALUE.search(words) and (not after or _VALUE.search(after))
    counts = "+" in words or (words[0].isdigit() and after[:1].isdigit())  # 主机*1+充电器*1, 大米*5kg*2袋
    no_marks = counts or len(words) == 1 or _JOINS.search(words) or _FORMULA.search(around) or are_values
    return found[0] if no_marks else words


def _run(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""
