"""Numbers as fractions: # ?/?, # ??/16."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from wecom_bot.adapters.files.number_format.code import Section, Token, TokenKind
from wecom_bot.adapters.files.number_format.errors import NotShown

_MOST_PLACES = 5  # of a denominator


def is_ratio(section: Section) -> bool:
    """Whether its slash is a fraction's: 0/0, and not 2026/12."""
    return _slash(section.tokens) is not None


def show(section: Section, number: Decimal) -> str:
    """A number that is not negative, the nearest fraction that has a place. Raises NotShown."""
    tokens, slash = section.tokens, _slash(section.tokens)
    if slash is None or section.has(TokenKind.POINT, TokenKind.COMMA, TokenKind.PERCENT, TokenKind.EXPONENT):
        raise NotShown(section.code)
    first, above = _before(tokens, slash)
    end, below = _after(tokens, slash)
    if any(token.kind is TokenKind.DIGIT for token in tokens[:above]):
        whole, part = divmod(Fraction(number), 1)
        shown = _mixed(whole, *_nearest(part, below))
    else:
        shown = "{}/{}".format(*_nearest(Fraction(number), below))
    return _literals(tokens[:first]) + shown + _literals(tokens[end:])


def _nearest(number: Fraction, below: str) -> tuple[int, int]:
    """Numerator and denominator: the denominator that is written there, or one of as many digits."""
    if below.isdecimal() and below.strip("0"):
        count = Decimal(number.numerator) / number.denominator * int(below)
        return int(count.to_integral_value(ROUND_HALF_UP)), int(below)
    return number.limit_denominator(10 ** len(below) - 1).as_integer_ratio()


def _mixed(whole: int, over: int, under: int) -> str:
    """1 1/2, without a part that is nothing; a fraction that was rounded up to one is none."""
    if over >= under:
        whole, over = whole + 1, 0
    if not over:
        return str(whole)
    return f"{whole} {over}/{under}" if whole else f"{over}/{under}"


def _slash(tokens: tuple[Token, ...]) -> int | None:
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.SLASH and 0 < index < len(tokens) - 1:
            before, after = tokens[index - 1], tokens[index + 1]
            if before.kind is TokenKind.DIGIT and (after.kind is TokenKind.DIGIT or after.text.isdecimal()):
                return index
    return None


def _before(tokens: tuple[Token, ...], slash: int) -> tuple[int, int]:
    """Where the first place is, and where those of the numerator begin."""
    above = slash
    while above and tokens[above - 1].kind is TokenKind.DIGIT:
        above -= 1
    return next(index for index, token in enumerate(tokens) if token.kind is TokenKind.DIGIT), above


def _after(tokens: tuple[Token, ...], slash: int) -> tuple[int, str]:
    """Where the denominator ends, and its places, or its number."""
    end = slash + 1
    while end < len(tokens) and (tokens[end].kind is TokenKind.DIGIT or tokens[end].text.isdecimal()):
        end += 1
    below = "".join(token.text for token in tokens[slash + 1 : end])
    if len(below) > _MOST_PLACES or any(token.kind is TokenKind.DIGIT for token in tokens[end:]):
        raise NotShown(_literals(tokens))
    return end, below


def _literals(tokens: tuple[Token, ...]) -> str:
    return "".join(token.text for token in tokens)
