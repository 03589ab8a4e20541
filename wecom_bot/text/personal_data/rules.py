"""The rules for finding personal data in Chinese customer talk, in the order in which they claim text.

They read text after NFKC with ASCII digits, so full-width, circled and other digits need no rules of their own; a rule
that is `spoken` reads Chinese digits as digits, too. A word border would see nothing between a digit and a Chinese
character: what may stand beside a number is spelled out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from wecom_bot.text.digits import BETWEEN, HAN
from wecom_bot.text.personal_data import addresses, mobile_numbers
from wecom_bot.text.personal_data.bank_cards import card_of, is_card
from wecom_bot.text.personal_data.candidate import Candidate
from wecom_bot.text.personal_data.identifiers import is_id_card


class PersonalDataKind(StrEnum):
    """What a piece of personal data is."""

    EMAIL = "EMAIL"
    ID_CARD = "ID_CARD"
    BANK_CARD = "BANK_CARD"
    PHONE = "PHONE"
    LANDLINE = "LANDLINE"
    PLATE = "PLATE"
    PASSPORT = "PASSPORT"
    ADDRESS = "ADDRESS"


@dataclass(frozen=True, slots=True)
class Rule:
    """What to claim, whether a candidate is meant, and what to show instead. Without a kind the claim only protects."""

    kind: PersonalDataKind | None
    pattern: re.Pattern[str]
    shape: Callable[[Candidate], str] = lambda candidate: candidate.digits
    meant: Callable[[Candidate], bool] = lambda _: True
    spoken: bool = False


_L = r"(?<![A-Za-z0-9])"
_R = r"(?![A-Za-z0-9])"
_S = BETWEEN
_ID_WORDS = re.compile("身份证|证件")
_PERMIT_WORDS = re.compile("通行证|回乡证|台胞证|居住证|身[份分]证")  # the last also of Hong Kong and Taiwan
_PASSPORT_WORDS = re.compile("护照|passport", re.IGNORECASE)
_CAR_WORDS = re.compile("车|牌")
_LANDLINE_WORDS = re.compile("电话|座机|固话|传真|tel", re.IGNORECASE)
_PLACE = re.compile("[北南东天江西浙新内]$")  # with what begins a plate after it
_WORDS = "新黑青云贵"
_AREA_ENDS = re.compile(r"\)?[ \-]|\)")
_LONG = 24  # how far the word passport may begin before the number
_IN_HAN = re.compile(rf"(?:{HAN}|\W|_)+")


def _is_id(candidate: Candidate) -> bool:
    return is_id_card(candidate.compact)


def _is_old_id(candidate: Candidate) -> bool:
    return candidate.follows(_ID_WORDS) and is_id_card(candidate.compact)


def _is_plate(candidate: Candidate) -> bool:
    """新 and 黑 before a model number are words: there, and where no digit is, a word about cars must stand near."""
    text = candidate.digits
    has_digits = any(character.isdigit() for character in text[2:])
    is_word = text[0] in _WORDS and text[1:3].isalnum()
    return (has_digits and not is_word) or candidate.is_beside(_CAR_WORDS)


def _is_spaced_plate(candidate: Candidate) -> bool:
    """南京 A 12345 is a place and a number of something."""
    if candidate.is_beside(_CAR_WORDS):
        return True
    is_word = candidate.digits[0] in _WORDS or _PLACE.search(candidate.before()) is not None
    return "".join(filter(str.isalnum, candidate.found["tail"])).isdigit() and not is_word


def _is_landline(candidate: Candidate) -> bool:
    if candidate.found["code"] or candidate.follows(_LANDLINE_WORDS):
        return True
    _, apart, number = _landline(candidate)
    is_part_of_a_word = candidate.before()[-1:].isascii() and candidate.before()[-1:].isalpha()
    in_step = candidate.found["city"] is not None and re.split("[0-9]+", number)[1:-1] == [apart]  # 010 6234 5678
    usual = _AREA_ENDS.fullmatch(apart) is not None and (number.isdigit() or apart.strip() != "" or in_step)
    return usual and not is_part_of_a_word


def _landline(candidate: Candidate) -> tuple[str, str, str]:
    """Its area, what stands after that, and the number."""
    found = candidate.found
    if found["city"]:
        return found["city"], found["far"], found["eight"]
    return found["area"], found["apart"], found["number"]


def _phone_shape(candidate: Candidate) -> str:
    said = candidate.said[slice(*candidate.found.span("number"))]
    digits = "".join(filter(str.isalnum, said if _IN_HAN.fullmatch(said) else candidate.found["number"]))
    return f"{digits[:3]}****{digits[-4:]}"


def _id_shape(candidate: Candidate) -> str:
    number = candidate.compact
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def _email_shape(candidate: Candidate) -> str:
    return f"{candidate.digits[0]}***@{_ANY_DOT.sub('.', candidate.found['domain'])}"


def _plate_shape(candidate: Candidate) -> str:
    return f"{candidate.compact[:2]}****{candidate.compact[-1]}"


def _landline_shape(candidate: Candidate) -> str:
    area, apart, number = _landline(candidate)
    opened = "(" if candidate.digits.startswith("(") and not candidate.found["code"] else ""
    return f"{opened}{area}{apart}****{number[-4:]}"


def _address_shape(candidate: Candidate) -> str:
    return candidate.found["kept"] + "****"


_TOP = "com|cn|net|org|edu|gov|cc|io|me|info|co|hk|tw|top|vip|xyz"
_AT = r"\s{0,2}(?:@|艾特|[\[({<【]\s?(?:at|@|艾特)\s?[\])}>】])\s{0,2}"
_DOT = r"(?:\s{0,2}(?:[.。·]|[\[({<【]\s?(?:dot|\.|点)\s?[\])}>】])\s{0,2}|点|,)"
_ANY_DOT = re.compile(_DOT, re.IGNORECASE)
_LABEL = r"[A-Za-z0-9\-]{1,63}"
_DOMAIN = rf"(?:{_LABEL}\.){{1,8}}[A-Za-z]{{2,24}}(?![A-Za-z])"
_SPELLED_DOMAIN = rf"{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}{_DOT}(?:{_TOP})(?![A-Za-z0-9])"
_LOCAL = r"[A-Za-z0-9_][A-Za-z0-9._%+\-]{0,63}+"
_MASKED_BEFORE = r"(?:(?<![A-Za-z0-9])[A-Za-z0-9]{0,4}|(?<![0-9])[0-9]{1,4})"
_MASKED_AFTER = r"(?:[A-Za-z0-9]{0,4}(?![A-Za-z0-9])|[0-9]{1,4}(?![0-9]))"
_REGION = (
    rf"(?:1{_S}[1-5]|2{_S}[1-3]|3{_S}[1-7]|4{_S}[1-6]|5{_S}[0-4]|6{_S}[1-5]|7{_S}1|8{_S}[1-3])(?:{_S}[0-9]){{4}}{_S}"
)
_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_PLATE = "[A-HJ-NP-Za-hj-np-z0-9]"
_PLATE_END = "[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]"
_LOCAL_7 = r"[2-9][0-9]{2}[\s.\-‐-―−·]{0,2}[0-9]{4}"
_LOCAL_8 = r"[2-9][0-9]{3}[\s.\-‐-―−·]{0,2}[0-9]{4}"
_EXTENSION = r"(?:\s?(?:-|转|ext\.?|x|#|分机号?)\s?[0-9]{1,6}(?![0-9]))?"

_NUMBERS = (
    Rule(
        PersonalDataKind.ID_CARD,
        re.compile(rf"(?<![0-9]){_REGION}(?:1{_S}9|2{_S}0)(?:{_S}[0-9]){{9}}{_S}[0-9Xx](?![0-9])"),
        _id_shape,
        _is_id,
    ),
    Rule(PersonalDataKind.ID_CARD, re.compile(rf"{_L}{_REGION}[0-9](?:{_S}[0-9]){{8}}{_R}"), _id_shape, _is_old_id),
    *(
        Rule(PersonalDataKind.BANK_CARD, card_of(length), lambda candidate: "****" + candidate.compact[-4:], is_card)
        for length in (19, 18, 17, 16, 15)  # the longest first: what stands after a card must not hide it
    ),
    Rule(PersonalDataKind.PHONE, mobile_numbers.IN_LARGE_GROUPS, _phone_shape, mobile_numbers.is_mobile),
    Rule(PersonalDataKind.PHONE, mobile_numbers.IN_ANY_GROUPS, _phone_shape, mobile_numbers.is_mobile_in_small_groups),
    Rule(
        PersonalDataKind.PHONE,  # of Hong Kong, Macao and Taiwan
        re.compile(
            rf"(?<![A-Za-z0-9])\(?(?:\+|00)\s?(?:85[23]\)?(?P<number>{_S}[2-9](?:{_S}[0-9]){{7}})|886\)?(?P<far>{_S}0?9(?:{_S}[0-9]){{8}}))(?![0-9])"
        ),
        lambda candidate: f"+{candidate.compact.removeprefix('00')[:3]}****{candidate.compact[-2:]}",
    ),
    Rule(
        PersonalDataKind.PASSPORT,
        re.compile(rf"{_L}[A-Za-z]{_S}[A-Za-z]?{_S}[0-9](?:{_S}[0-9]){{6,7}}(?![0-9])"),
        lambda candidate: f"{candidate.compact[0]}****{candidate.compact[-2:]}",
        lambda candidate: candidate.follows(_PASSPORT_WORDS, _LONG),
    ),
    Rule(
        PersonalDataKind.ID_CARD,
        re.compile(rf"{_L}[A-Za-z](?:{_S}[0-9]){{7,10}}\)?(?![0-9])"),
        _id_shape,
        lambda candidate: candidate.follows(_PERMIT_WORDS),
    ),
)

# a long row of them is a table and no number of a person, and every piece of it would have to be looked at
_COUNTED = Rule(None, re.compile(rf"(?<![0-9])[0-9]{{1,2}}+(?:(?![0-9]){_S}[0-9]{{1,2}}+(?![0-9])){{40,}}+"))

RULES = (
    # what is masked already stays as it is, so that masking twice is masking once
    Rule(None, re.compile(rf"{HAN}{{3}}\*{{4}}{HAN}{{4}}")),
    Rule(None, re.compile(rf"{_L}[A-Za-z0-9_]\*{{3}}@{_DOMAIN}|{_MASKED_BEFORE}\*{{3,}}{_MASKED_AFTER}")),
    Rule(PersonalDataKind.EMAIL, re.compile(rf"{_L}{_LOCAL}@(?P<domain>{_DOMAIN})"), _email_shape),
    Rule(None, re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)),
    Rule(
        PersonalDataKind.EMAIL,
        re.compile(rf"{_L}{_LOCAL}{_AT}(?P<domain>{_SPELLED_DOMAIN})", re.IGNORECASE),
        _email_shape,
    ),
    _COUNTED,
    *_NUMBERS,
    replace(_COUNTED, spoken=True),
    *(replace(rule, spoken=True) for rule in _NUMBERS),
    Rule(
        PersonalDataKind.LANDLINE,
        re.compile(
            rf"(?<![0-9])(?:(?P<code>\(?(?:\+|00)\s?86{_S}(?:\(0\))?)|\((?=0[0-9]{{2,3}}\))|(?=0))"
            rf"(?:(?P<city>0?(?:10|2[0-9]))(?P<far>{_S})(?P<eight>{_LOCAL_8})"
            rf"|(?P<area>0?[3-9][0-9]{{2}})(?P<apart>{_S})(?P<number>{_LOCAL_8}|{_LOCAL_7})){_EXTENSION}(?![0-9])"
        ),
        _landline_shape,
        _is_landline,
    ),
    Rule(
        PersonalDataKind.PLATE,
        re.compile(rf"{_PROVINCE}[A-Za-z][·•・.\- ]?{_PLATE}{{4,5}}{_PLATE_END}{_R}"),
        _plate_shape,
        _is_plate,
    ),
    Rule(
        PersonalDataKind.PLATE,
        re.compile(
            rf"{_PROVINCE}{_S}[A-Za-z]{_S}(?P<tail>{_PLATE}{{4,5}}{_PLATE_END}|{_PLATE}(?:{_S}{_PLATE}){{3,4}}{_S}{_PLATE_END}){_R}"
        ),
        _plate_shape,
        _is_spaced_plate,
    ),
    Rule(PersonalDataKind.ADDRESS, addresses.WITH_PROVINCE, _address_shape),
    Rule(PersonalDataKind.ADDRESS, addresses.WITHOUT_PROVINCE, _address_shape),
)
