"""Mobile numbers of the mainland: eleven digits in the groups that people make, and what only looks like them."""

import re
from collections.abc import Sequence

from wecom_bot.text.digits import BETWEEN, HAN, gaps, groups
from wecom_bot.text.personal_data.candidate import NEAR, Candidate
from wecom_bot.text.personal_data.lists import ends_as_prices_do, is_list

_S = BETWEEN
_CODE = rf"(?P<code>\(?(?:\+|00)\s?86{_S}|\(?86{_S})?"
_FIRST = r"(?:\(\s?(?=1[0-9]{2}\s?\)))?"  # the bracket of (138)
_LARGE = rf"1[3-9][0-9](?:{_S}[0-9]{{4}}{_S}[0-9]{{4}}|[0-9]{_S}(?:[0-9]{{3}}{_S}[0-9]{{4}}|[0-9]{{4}}{_S}[0-9]{{3}}))"
_ANY = rf"1{_S}[3-9](?:{_S}[0-9]){{9}}"
_CENTS = r"(?!\.[0-9]{1,2}(?![0-9]))"  # no amount of money with its cents

IN_LARGE_GROUPS = re.compile(rf"(?<![0-9]){_CODE}{_FIRST}(?P<number>{_LARGE})(?![0-9]){_CENTS}")
IN_ANY_GROUPS = re.compile(rf"(?<![0-9]){_CODE}{_FIRST}(?P<number>{_ANY})(?![0-9]){_CENTS}")

_SINGLES = (1,) * 11
_SMALL_SHAPES = frozenset(
    {
        (3, 2, 2, 2, 2),
        (3, 2, 2, 4),
        (3, 2, 4, 2),
        (3, 4, 2, 2),
        (3, 3, 3, 2),
        (3, 3, 5),
        (3, 5, 3),
        (3, *(1,) * 8),
        _SINGLES,
    }
)
_JOINS = frozenset("-.·_—–")  # what stands between the pieces of one thing, and hardly ever in a list
_SCREEN = 4  # 1920/1080/144
_BYTES = 4  # of a machine's address
_LEAST_SAID = 3  # Chinese digits: 1381234567 and then 一 or 两 is a number and a word
_PHONE = re.compile(
    r"电话|手机|号码|联系|致电|拨打|回电|回拨|来电|打给|打我|短信|微信|电联|机主|收件|收货人|加我|找我|换号|call|phone|tel|mobile|cell|contact"
    r"|wechat|whatsapp",
    re.IGNORECASE,
)
_PHONE_LETTERS = re.compile(
    r"(?:my|is|me|at|on)?(?:tel|telephone|phone|mobile|mob|mp|cell|cellphone|hp|ph|call|contact|sms|text|wechat|weixin|wx|vx|v|t|m|p"
    r"|w|sj|shouji|dianhua|dh|haoma|lianxi|whatsapp|qq)?(?:no|num|number|is)?",
    re.IGNORECASE,
)
_CODES = re.compile(
    r"sf|yt|jt|jd|jdv|zto|sto|yto|yd|ems|db|dd|tb|pdd|sn|no|id|oid|po|imei|ean|isbn|upc|sku|order|model|item|ref|lot",
    re.IGNORECASE,
)
_MOST_OF_A_CODE = 5  # letters
_EXTENSION = re.compile(r"(?:x|ext)[0-9]{1,6}", re.IGNORECASE)
_LABEL = (
    r"(?:(?:订单|单|编|运单|流水|批次|序列|货|款|型|商品|交易)号(?:码)?|订单|(?:订单|商品|产品)?编[码号]|运单|条形?码|批次|型号|序列码"
    r"|imei|isbn|(?<![a-z])(?:sn|sku|order|tracking|model))"
)
_LABELS = re.compile(_LABEL, re.IGNORECASE)
_LABELLED = re.compile(rf"{_LABEL}(?:是|为|:|#|no\.?|\s)*$", re.IGNORECASE)
_SIZES = re.compile(r"(?<!号)码|尺寸|规格|size|厘米|cm|mm|英寸|版本|version|比分|评分", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"(?:[¥$€£]|金额|单价|总价|售价|价格|面额|库存|余额|(?<![0-9])0\.)[:是为\s]*$")
_MONEY_AFTER = re.compile(r"\s?(?:元(?!旦|宵)|块钱|圆|亿|美[元金]|人民币)")
_LETTERS_BEFORE, _LETTERS_AFTER = re.compile(r"[A-Za-z0-9]*$"), re.compile(r"[A-Za-z0-9]*")
_IS_HAN = re.compile(HAN)
_HAN_AT_AN_END = re.compile(rf"{HAN}*[^0-9]*[0-9][0-9\W_]*|[0-9][0-9\W_]*{HAN}*")


def is_mobile(candidate: Candidate) -> bool:
    """Whether eleven digits in large groups, or in no groups, are one."""
    if not _may_be(candidate):
        return False
    if candidate.found["code"] or candidate.is_beside(_PHONE, NEAR):
        return True
    pieces, between = groups(candidate.found["number"]), gaps(candidate.found["number"])
    if not between:
        return True
    if _goes_on(candidate, between[-1]) and (ends_as_prices_do(pieces) or _is_tail(candidate, between[-1])):
        return False
    if not _is_usual(pieces, set(between)) and len(pieces[0]) == _SCREEN and ends_as_prices_do(pieces, "0245689"):
        return False
    return set(between) <= _JOINS or not is_list(pieces)


def _is_usual(pieces: Sequence[str], between: set[str]) -> bool:
    return between <= _JOINS or (len(between) == 1 and between <= {" ", "  "} and not ends_as_prices_do(pieces))


def is_mobile_in_small_groups(candidate: Candidate) -> bool:
    """Whether eleven digits in groups of other sizes are one: then they all have the same between them."""
    number = candidate.found["number"]
    pieces, between = groups(number), gaps(number)
    shape = tuple(map(len, pieces))
    later = set(between[1:] if shape[0] == len("138") else between)
    if len(later) != 1 or not _may_be(candidate) or _goes_on(candidate, between[-1]):
        return False
    if candidate.found["code"] or candidate.is_beside(_PHONE, NEAR):
        return True
    if not _is_small_shape(shape, between) or _is_machine(pieces, later):
        return False
    return not is_list(pieces) and not candidate.is_beside(_SIZES)


def _is_small_shape(shape: tuple[int, ...], between: Sequence[str]) -> bool:
    """Whether people make such groups; on lines of their own only single digits are."""
    return shape in _SMALL_SHAPES and (shape == _SINGLES or not any("\n" in gap for gap in between))


def _is_machine(pieces: Sequence[str], between: set[str]) -> bool:
    """Whether it is the address of one: 192.168.10.254."""
    return between == {"."} and len(pieces) == _BYTES and all(int(piece) < 256 for piece in pieces)  # noqa: PLR2004


def _may_be(candidate: Candidate) -> bool:
    is_money = candidate.follows(_MONEY_BEFORE) or _MONEY_AFTER.match(candidate.after())
    if is_money or not _stands_apart(candidate) or _is_mixed_by_chance(candidate):
        return False
    return bool(candidate.found["code"]) or not candidate.follows(_LABELLED, NEAR)


def _stands_apart(candidate: Candidate) -> bool:
    """Whether the letters beside it, if any, are words: tel138…, 138…x; not a parcel's SF138… or a hash."""
    before = _LETTERS_BEFORE.search(candidate.before())
    after = _LETTERS_AFTER.match(candidate.after())
    letters, more = before[0] if before else "", after[0] if after else ""
    if not letters + more:
        return True
    if candidate.follows(_LABELS):
        return False
    if any(map(str.isdigit, letters)) or (any(map(str.isdigit, more)) and not _EXTENSION.fullmatch(more)):
        return False
    is_code = _CODES.fullmatch(letters) or (letters.isupper() and len(letters) <= _MOST_OF_A_CODE)
    return not is_code or _PHONE_LETTERS.fullmatch(letters) is not None


def _is_mixed_by_chance(candidate: Candidate) -> bool:
    """Whether a word like 一 or 两 beside a shorter number makes the eleven."""
    said = candidate.said[slice(*candidate.found.span("number"))]
    han = len(_IS_HAN.findall(said))
    return 0 < han < _LEAST_SAID and _HAN_AT_AN_END.fullmatch(said) is not None and not candidate.is_beside(_PHONE)


def _goes_on(candidate: Candidate, gap: str) -> bool:
    """Whether more digits stand beside it, as far away as its own: a longer list."""
    text, (start, end) = candidate.found.string, candidate.found.span()
    before = text[max(0, start - len(gap) - 1) : start]
    after = text[end : end + len(gap) + 1]
    return (before[1:] == gap and before[:1].isdigit()) or (after[:-1] == gap and after[-1:].isdigit())


def _is_tail(candidate: Candidate, gap: str) -> bool:
    """Whether it is the end of a longer number: 2024-138-1234-5678."""
    before = candidate.found.string[max(0, candidate.found.start() - len(gap) - 2) : candidate.found.start()]
    return bool(gap.strip()) and before.endswith(gap) and before[:2].isdigit()
