"""Numbers in Chinese: 一百二十三, and 壹佰贰拾叁 as it stands on bills."""

_SMALL, _CAPITAL = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
_TENS, _CAPITAL_TENS = ("", "十", "百", "千"), ("", "拾", "佰", "仟")
_MYRIADS = ("", "万", "亿", "万亿")
_TEN, _TWENTY = 10, 20


def one_by_one(digits: str, *, capital: bool) -> str:
    """The digits as they follow each other; whatever is none stays."""
    return digits.translate(dict(enumerate(_CAPITAL if capital else _SMALL, start=ord("0"))))


def counted(number: int, *, capital: bool) -> str:
    """The number as it is said: 一百〇五, 一十二."""
    names, tens = (_CAPITAL, _CAPITAL_TENS) if capital else (_SMALL, _TENS)
    said, gap = "", False
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True):
        if digit == "0":
            gap = True
        else:
            said += names[0] * (gap and bool(said)) + names[int(digit)] + tens[place % 4]
            gap = False
        if place % 4 == 0 and place and number // 10**place % 10_000:
            said += _MYRIADS[place // 4]
    return said or names[0]


def of_a_date(number: int, *, capital: bool) -> str:
    """The number of a month, a day, an hour: 十二 and not 一十二."""
    said = counted(number, capital=capital)
    return said[1:] if not capital and _TEN <= number < _TWENTY else said
