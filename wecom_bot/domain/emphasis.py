"""Markdown's *emphasis* and __underlines__ as the words alone; products, masks and blanks are none."""

import re

from wecom_bot.domain.bold import unbolded

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
_RUN_BEFORE = re.compile(r"[^\W_]{0,8}\Z")
_RUN_AFTER = re.compile(r"[^\W_]{0,8}")
_VALUE = re.compile(
    r"\d|(?:[单原售总均定现底]价|价格|价钱|金额|总额|数量|重量|容量|用量|件数|个数|人数|天数|次数|倍数|页数|系数|折扣|[利税费汇比]率|比例"
    r"|运费|邮费|费用|税费|面积|体积|长度|宽度|高度|厚度|时长|小时|积分|姓名|电话|手机号?|地址|日期|时间|性别|年龄|邮箱|号码|[编单型]号|[长宽高])"
)
_UNITS = frozenset(
    "元件个天年月日号楼室章节页条次人折分秒时岁米克斤吨箱盒包瓶台位份套张周期级层栋省市区县镇乡村路街弄长宽高厚深送减赠返换"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
    "夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_OF_A_STAR = re.compile(r"的|号(?!码)|键(?!盘)|为必|是必")  # 带*的、*号键、带*为必填


def unemphasised(text: str) -> str:
    """The words of one line without the stars and underlines around them."""
    text = unbolded(_STRONGEST.sub(r"\1", _UNDERLINED.sub(r"\2", text)))
    text = _TIGHT.sub(_words, _EMPHASIS.sub(r"\1", text))
    return _TIGHT_UNDERLINED.sub(_words, _UNDERLINED.sub(r"\2", text))


def _words(found: re.Match[str]) -> str:
    """What stands between two marks, or all of it where they may be no marks."""
    words = found[1]
    before = _run(_RUN_BEFORE, found.string[max(0, found.start() - _NEAR) : found.start()])
    after = _run(_RUN_AFTER, found.string[found.end() : found.end() + _NEAR])
    around = found.string[max(0, found.start() - 3 * _NEAR) : found.end() + 3 * _NEAR]
    if _FORMULA.search(around) or _are_values(before, words, after) or _are_placeholders(before, words, after):
        return found[0]
    return words


def _run(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""


def _are_values(before: str, words: str, after: str) -> bool:
    """Whether something is multiplied (单价*数量*折扣), or a form has blanks (姓名__电话__)."""
    values = [bool(_VALUE.search(each)) for each in (before, words, after)]
    return all(values) or (values[0] and values[1] and not after and not re.search(r"\d", words))


def _are_placeholders(before: str, words: str, after: str) -> bool:
    """Whether each mark stands for something: 李*和王*, 满*元减*元, 带*的."""
    if words in _UNITS or (words[0] in _UNITS and after[:1] in _UNITS) or _OF_A_STAR.match(words):
        return True
    if len(before) == len(words) == len(after) == 1:
        return True
    return words[-1] in "带标打加" or (before[-1:] in _SURNAMES and words[-1] in _SURNAMES)
