"""A number without a format: `General`."""

from decimal import Decimal

_WIDE = 11  # characters, which is what a cell shows at most
_DECIMALS = 9
_EXPONENT = 5  # digits after the point, before an exponent
_SMALL, _TINY = -4, -9  # below these a number is written otherwise


def general(value: float) -> str:
    """As Excel shows it in a column that is wide enough; whole numbers with all their digits, long ones too.

    Of these Excel shows 2.02611E+11 from twelve digits on. Nobody means that by an order's number.
    """
    if value == int(value):
        return str(int(value))
    size = Decimal(value).adjusted()
    if size > _DECIMALS:
        return f"{value:.15g}"
    if size >= _SMALL:
        return _fixed(value, _DECIMALS - max(0, size))
    plain = _fixed(value, 12)
    if size >= _TINY and len(plain) <= _WIDE + (value < 0):
        return plain
    mantissa, exponent = f"{value:.{_EXPONENT}e}".split("e")
    return f"{_bare(mantissa)}E{exponent}"


def _fixed(value: float, decimals: int) -> str:
    return _bare(f"{value:.{decimals}f}")


def _bare(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
