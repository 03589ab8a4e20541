"""The rules for finding personal data in Chinese customer talk, in the order in which they claim text.

Every pattern is guarded by "no letter or digit beside it", spelled out, because a word border sees nothing between a
digit and a Chinese character. They read text after NFKC, so full-width digits need no rules of their own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from wecom_bot.domain.identifiers import is_bank_card, is_id_card


class Kind(StrEnum):
    """What a piece of personal data is."""

    EMAIL = "EMAIL"
    ID_CARD = "ID_CARD"
    BANK_CARD = "BANK_CARD"
    PHONE = "PHONE"
    LANDLINE = "LANDLINE"
    PLATE = "PLATE"
    PASSPORT = "PASSPORT"
    ADDRESS = "ADDRESS"


Found = re.Match[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """What to claim, whether a match is meant, and what to show instead. Without a kind the claim only protects."""

    kind: Kind | None
    pattern: re.Pattern[str]
    shape: Callable[[Found], str] = lambda found: found[0]
    meant: Callable[[Found], bool] = lambda _: True


CLAIMED = "\0"
"""What stands in a text instead of each character that a rule has claimed."""

_L = r"(?<![A-Za-z0-9])"
_R = r"(?![A-Za-z0-9])"
_S = r"[ .\-\u2010-\u2015\u2212]?"  # at most one separator between groups
_HAN = "[零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]"
_CENTS = r"(?!\.[0-9]{1,2}(?![0-9]))"  # no amount of money with its cents
_NEAR = 12  # how far a word may stand from a number and still speak of it
_CLOSE = 10  # the same, for numbers that only their word makes personal

_CARD_WORDS = re.compile(r"卡|银行|信用|储蓄|借记|账户|账号|开户|[工农中建交招]行|card", re.IGNORECASE)
_ORDER_WORDS = re.compile(
    r"订单|单号|运单|快递|物流|流水|条码|条形码|imei|编号|批次|交易|发货|到货|到哪"
    r"|(?:什么时候|啥时候|何时|多久|几天|还没|没)到(?!账)",
    re.IGNORECASE,
)
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州"
    "|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = r"(?:[省市]|(?:维吾尔|壮族|回族)?自治区|特别行政区)?"
_CITY = r"[一-龥]{2,6}?(?:市|自治州|地区|盟)"
_DISTRICT = r"[一-龥]{1,5}?[区县旗市]"
_HOUSE = "号楼|号院|号|弄|栋|幢|座|单元|层|楼|室|户"
_PLACE = "大学|学院|校区|大厦|小区|公寓|广场|中心|花园|家园|新村|园区|宿舍"
_STREET = (
    r"[一-龥A-Za-z0-9]{1,25}?(?:路|街|道|巷|弄|胡同|村|镇|乡|庄|里|园|苑|城|小区|大厦|广场|段)[东南西北中段]{0,3}"
    rf"[0-9]+(?:{_HOUSE})?(?:[一-龥A-Za-z0-9#\-]{{0,10}}?(?:{_HOUSE}|{_PLACE}|[0-9]{{2,4}}(?![0-9]))|[0-9]+)*"
)


def _compact(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _before(found: Found, words: str) -> bool:
    """Whether such a word stands close before it, with nothing claimed between: that has the word for itself."""
    before = found.string[max(0, found.start() - _CLOSE) : found.start()].rpartition(CLAIMED)[2]
    return re.search(words, before, re.IGNORECASE) is not None


def _beside(found: Found, words: str) -> bool:
    after = found.string[found.end() : found.end() + _CLOSE].partition(CLAIMED)[0]
    return _before(found, words) or re.search(words, after, re.IGNORECASE) is not None


def _distance(found: Found, words: re.Pattern[str]) -> int:
    """How far the nearest of these words stands from the number, at most `_NEAR + 1`."""
    before = found.string[max(0, found.start() - _NEAR) : found.start()]
    after = found.string[found.end() : found.end() + _NEAR]
    distances = [len(before) - word.end() for word in words.finditer(before)]
    distances += [word.start() for word in words.finditer(after)]
    return min(distances, default=_NEAR + 1)


def _is_card(found: Found) -> bool:
    """An order number may pass Luhn by chance and begin with 62 too: then the nearest word decides."""
    return is_bank_card(_compact(found[0])) and _distance(found, _CARD_WORDS) <= _distance(found, _ORDER_WORDS)


def _is_old_id(found: Found) -> bool:
    return is_id_card(_compact(found[0])) and _before(found, "身份证|证件")


def _is_plate(found: Found) -> bool:
    """新 and 黑 before a model number are words: there, and where no digit is, a word about cars must stand near."""
    has_digits = any(character.isdigit() for character in found[0][2:])
    is_word = found[0][0] in "新黑青云贵" and found[0][2].isalnum()
    return (has_digits and not is_word) or _beside(found, "车|牌")


def _is_landline(found: Found) -> bool:
    return bool(found["apart"]) or _before(found, "电话|座机|固话|传真|tel")


def _phone_shape(found: Found) -> str:
    digits = _compact(found[0])[-11:]
    return f"{digits[:3]}****{digits[-4:]}"


def _id_shape(found: Found) -> str:
    number = _compact(found[0])
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def _address_shape(found: Found) -> str:
    return found["kept"] + "****"


_DOMAIN = r"@(?:[A-Za-z0-9\-]{1,63}\.)+[A-Za-z]{2,24}(?![A-Za-z])"
_PHONE = f"1[3-9](?:[0-9]{_S}[0-9]{{4}}{_S}[0-9]{{4}}|[0-9]{{2}}{_S}[0-9]{{4}}{_S}[0-9]{{3}})"

RULES = (
    # what is masked already stays as it is, so that masking twice is masking once
    Rule(None, re.compile(rf"{_HAN}{{3}}\*{{4}}{_HAN}{{4}}")),
    Rule(None, re.compile(rf"{_L}(?:[A-Za-z0-9_]\*{{3}}{_DOMAIN}|[A-Za-z0-9]{{0,4}}\*{{3,}}[A-Za-z0-9]{{0,4}}{_R})")),
    Rule(
        Kind.EMAIL,
        re.compile(rf"{_L}[A-Za-z0-9_][A-Za-z0-9._%+\-]{{0,63}}{_DOMAIN}"),
        lambda found: found[0][0] + "***" + found[0][found[0].index("@") :],
    ),
    Rule(None, re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)),
    Rule(
        Kind.ID_CARD,
        re.compile(rf"{_L}[1-9][0-9]{{5}}{_S}(?:19|20)[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{3}}[0-9Xx]{_R}"),
        _id_shape,
        lambda found: is_id_card(_compact(found[0])),
    ),
    Rule(Kind.ID_CARD, re.compile(rf"{_L}[1-9][0-9]{{5}}{_S}[0-9]{{6}}{_S}[0-9]{{3}}{_R}"), _id_shape, _is_old_id),
    Rule(
        Kind.BANK_CARD,
        re.compile(
            rf"{_L}(?:[0-9]{{4}}(?:{_S}[0-9]{{4}}){{3}}(?:{_S}[0-9]{{1,3}})?|[0-9]{{6}}{_S}[0-9]{{13}}"
            rf"|3[47][0-9]{{2}}{_S}[0-9]{{6}}{_S}[0-9]{{5}}){_R}"
        ),
        lambda found: "****" + _compact(found[0])[-4:],
        _is_card,
    ),
    Rule(
        Kind.PHONE,
        re.compile(rf"{_L}(?:(?:\+|00)?86{_S})?{_PHONE}{_R}{_CENTS}"),
        _phone_shape,
    ),
    Rule(
        Kind.PHONE, re.compile(f"(?<!{_HAN})[一幺壹][三四五六七八九叁肆伍陆柒捌玖]{_HAN}{{9}}(?!{_HAN})"), _phone_shape
    ),
    Rule(
        Kind.LANDLINE,
        re.compile(
            rf"{_L}(?P<area>0(?:10|2[0-9](?=\D*[0-9]{{8}})|[3-9][0-9]{{2}}))(?P<apart>\)?[ \-]?)[2-9][0-9]{{6,7}}{_R}"
        ),
        lambda found: f"{found['area']}{found['apart']}****{found[0][-4:]}",
        _is_landline,
    ),
    Rule(
        Kind.PLATE,
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·•・.\- ]?"
            rf"[A-HJ-NP-Za-hj-np-z0-9]{{4,5}}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]{_R}"
        ),
        lambda found: f"{found[0][:2]}****{found[0][-1]}",
        _is_plate,
    ),
    Rule(
        Kind.PASSPORT,
        re.compile(rf"{_L}[A-Za-z]{{1,2}}[0-9]{{7,8}}{_R}"),
        lambda found: f"{found[0][0]}****{found[0][-2:]}",
        lambda found: _before(found, "护照|passport"),
    ),
    Rule(
        Kind.ID_CARD,
        re.compile(rf"{_L}[A-Za-z][0-9]{{8,10}}{_R}"),
        _id_shape,
        lambda found: _before(found, "通行证|回乡证|台胞证|居住证"),
    ),
    Rule(
        Kind.ADDRESS,
        re.compile(rf"(?P<kept>(?:{_PROVINCES}){_PROVINCE}(?:{_CITY})?{_DISTRICT}?){_STREET}"),
        _address_shape,
    ),
    Rule(Kind.ADDRESS, re.compile(rf"(?P<kept>{_CITY}{_DISTRICT}|{_DISTRICT}){_STREET}"), _address_shape),
)
