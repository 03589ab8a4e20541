"""What makes a run of digits a certain kind of number: check digits, prefixes, dates."""

import re
from datetime import date

_REGION = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_FIRST_GENERATION = 15

# Issuer prefixes with the lengths they are issued in: UnionPay, 工商银行's old cards, Visa, Mastercard (two ranges),
# JCB, American Express. 15 digits are left to American Express alone, because an IMEI has 15 and passes Luhn.
_CARDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"6[02][0-9]{14,17}",
        r"9558[0-9]{12,15}",
        r"4[0-9]{15}(?:[0-9]{3})?",
        r"5[1-5][0-9]{14}",
        r"2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}",
        r"35(?:2[89]|[3-8][0-9])[0-9]{12}",
        r"3[47][0-9]{13}",
    )
)


def is_id_card(number: str) -> bool:
    """Whether 15 or 18 characters can be a resident's ID number: region, date, and ISO 7064 MOD 11-2 for the 18."""
    if not _REGION.match(number):
        return False
    if len(number) == _FIRST_GENERATION:
        return _is_date("19" + number[6:12])
    if not _is_date(number[6:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return _ID_CHECKS[total % 11] == number[17].upper()


def is_bank_card(number: str) -> bool:
    """Whether the digits have a known issuer's prefix, in a length it issues, and pass Luhn."""
    return any(card.fullmatch(number) for card in _CARDS) and _passes_luhn(number)


def _passes_luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digits of a two-digit value, added
    return total % 10 == 0


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
