"""Dates, times and durations by a section of a format: yyyy"年"m"月"d"日", h:mm AM/PM, [h]:mm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from wecom_bot.adapters.files.number_format import chinese, names
from wecom_bot.adapters.files.number_format.code import Section, Token, TokenKind, sections
from wecom_bot.adapters.files.number_format.errors import NotShown

_LETTERS = (TokenKind.DATE, TokenKind.ELAPSED)
_SYSTEM = {"date": sections('yyyy"年"m"月"d"日"')[0], "time": sections("h:mm:ss")[0]}  # of a computer in China
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_FIRST, _LEAP, _LAST = date(1899, 12, 31), 60, 2_958_465  # the day that never was, 1900-02-29, and 9999-12-31
_MOST_DECIMALS = 3  # of a second
_TEN = 10
_FULL_YEAR = 3  # letters of a code, as many or more
_ZERO = (Token(TokenKind.DIGIT, "0"),)
_WORDS = 3  # letters from which on a name is meant


@dataclass(slots=True)
class _Moment:
    """A number of days, taken apart; `whole` are the seconds since its first day."""

    days: int
    whole: int
    fraction: int
    date: tuple[int, int, int]


Piece = str | Callable[[_Moment], str]
"""What stands there, or what says it of a moment."""


@dataclass(frozen=True, slots=True)
class MomentLayout:
    """What stands where in a section; `decimals` of a second, `rounding` to what is shown of it."""

    pieces: tuple[Piece, ...]
    decimals: int
    rounding: str

    @classmethod
    def of(cls, section: Section) -> "MomentLayout":
        """Raises NotShown for what is no date, nor a time."""
        section = _SYSTEM.get(section.system, section)
        tokens, decimals = _read(section)
        has_time = any(token.kind is not TokenKind.LITERAL and token.text[0] not in "ymdea" for token in tokens)
        pieces = tuple(_piece(section, token, decimals) for token in tokens)
        # a second before midnight is the day before
        return cls(pieces, decimals, ROUND_HALF_UP if has_time else ROUND_FLOOR)

    def show(self, days: Decimal) -> str:
        """The moment that is so many days after the beginning of 1900, as Excel counts them. Raises NotShown."""
        units = int((days * _DAY).scaleb(self.decimals).to_integral_value(self.rounding))
        whole, fraction = divmod(units, 10**self.decimals)
        if not 0 <= whole // _DAY <= _LAST:
            raise NotShown("####")
        moment = _Moment(whole // _DAY, whole, fraction, _date(whole // _DAY))
        return "".join([piece if isinstance(piece, str) else piece(moment) for piece in self.pieces])


def is_moment(section: Section) -> bool:
    """Whether its numbers are dates, times or durations."""
    return bool(section.system) or section.has(*_LETTERS, TokenKind.HALF)


def _date(days: int) -> tuple[int, int, int]:
    if days in {0, _LEAP}:
        return (1900, 1, 0) if days == 0 else (1900, 2, 29)
    day = _FIRST + timedelta(days - (days > _LEAP))
    return day.year, day.month, day.day


def _read(section: Section) -> tuple[list[Token], int]:
    """The tokens, with `n` for a minute's letter and `.` for what is less than a second, and how many digits it has."""
    tokens: list[Token] = []
    decimals = 0
    before: TokenKind | None = None
    for index, token in enumerate(section.tokens):
        match token.kind:
            case TokenKind.DIGIT if (
                token.text == "0" and before in {TokenKind.POINT, TokenKind.DIGIT} and decimals < _MOST_DECIMALS
            ):
                decimals += 1
            case TokenKind.DATE if token.text[0] == "m" and _is_minute(section, index):
                tokens.append(Token(TokenKind.DATE, "n" * len(token.text)))
            case TokenKind.DATE | TokenKind.ELAPSED | TokenKind.HALF:
                tokens.append(token)
            case TokenKind.POINT if section.tokens[index + 1 : index + 2] == _ZERO:
                tokens.append(token)
            case TokenKind.LITERAL | TokenKind.COMMA | TokenKind.SLASH | TokenKind.POINT:
                tokens.append(Token(TokenKind.LITERAL, token.text))
            case _:
                raise NotShown(section.code)
        before = token.kind
    return tokens, decimals


def _is_minute(section: Section, index: int) -> bool:
    """`m` after hours or before seconds."""
    if len(section.tokens[index].text) >= _WORDS:
        return False
    before = [token for token in section.tokens[:index] if token.kind in _LETTERS]
    after = [token for token in section.tokens[index + 1 :] if token.kind in _LETTERS]
    return bool(before and before[-1].text[0] == "h") or bool(after and after[0].text[0] == "s")


def _piece(section: Section, token: Token, decimals: int) -> Piece:
    letter, letters, language = token.text[:1], len(token.text), section.language
    match token.kind:
        case TokenKind.LITERAL:
            return token.text
        case TokenKind.POINT:
            return lambda moment: f".{moment.fraction:0{decimals}}"
        case TokenKind.HALF:
            return lambda moment: names.half(token.text, moment.whole % _DAY // _HOUR, language)
        case TokenKind.ELAPSED:
            unit = {"h": _HOUR, "m": _MINUTE, "s": 1}[letter]
            return _number(section, letters, lambda moment: moment.whole // unit)
    if letter not in "ymdahnse":  # other peoples' eras
        raise NotShown(section.code)
    return _of_a_day(section, letter, letters) if letter in "ymdae" else _of_a_time(section, letter, letters)


def _of_a_time(section: Section, letter: str, letters: int) -> Piece:
    match letter:
        case "h" if section.has(TokenKind.HALF):
            return _number(section, letters, lambda moment: (moment.whole // _HOUR + 11) % 12 + 1)
        case "h":
            return _number(section, letters, lambda moment: moment.whole % _DAY // _HOUR)
        case "n":
            return _number(section, letters, lambda moment: moment.whole // _MINUTE % _MINUTE)
        case _:
            return _number(section, letters, lambda moment: moment.whole % _MINUTE)


def _of_a_day(section: Section, letter: str, letters: int) -> Piece:
    language = section.language
    match letter:
        case "m" if letters >= _WORDS:
            return lambda moment: names.month(moment.date[1], letters, language)
        case "d" if letters >= _WORDS:
            return lambda moment: names.day(_weekday(moment), letters, language)
        case "a" if letters >= _WORDS:
            return lambda moment: names.chinese_day(_weekday(moment), letters, language)
        case "m":
            return _number(section, letters, lambda moment: moment.date[1])
        case "d":
            return _number(section, letters, lambda moment: moment.date[2])
        case "y" | "e":
            return _year(section, is_short=letter == "y" and letters < _FULL_YEAR)
    raise NotShown(section.code)


def _weekday(moment: _Moment) -> int:
    return (moment.days + 6) % 7


def _year(section: Section, *, is_short: bool) -> Piece:
    def digits(moment: _Moment) -> str:
        return f"{moment.date[0] % 100:02}" if is_short else f"{moment.date[0]:04}"

    if not section.numerals:
        return digits
    return lambda moment: chinese.one_by_one(digits(moment), capital=section.numerals > 1)


def _number(section: Section, letters: int, count: Callable[[_Moment], int]) -> Piece:
    width, capital = min(letters, 2), section.numerals > 1

    def in_chinese(moment: _Moment) -> str:
        number = count(moment)
        zero = chinese.one_by_one("0", capital=capital) if 0 < number < _TEN and width > 1 else ""
        return zero + chinese.of_a_date(number, capital=capital)

    return in_chinese if section.numerals else lambda moment: f"{count(moment):0{width}}"
