"""The code of a number format, as it stands in a workbook: its sections, and what each of them is made of.

Sources: ECMA-376 part 1, 18.8.30 and 18.8.31; [MS-OE376] 2.1.739 for the locales.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | [\\!](?P<escaped>.)                      # Chinese Excel says ! where others say a backslash
    | _(?P<width>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<half>AM/PM|A/P|上午/下午)
    | (?P<general>General|G/通用格式)
    | (?P<exponent>E[+-])
    | (?P<digit>[0\#?])
    | (?P<date>y+|m+|d+|h+|s+|a+|e+|b+|g+)
    | (?P<mark>[.,%/@;])
    | (?P<plain>[-$+():'{}<>=~&^\ !1-9]|[^\x00-\x7f])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?(?:E[+-]?\d+)?)", re.IGNORECASE)
_COLOR = re.compile(
    r"(black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|[黑蓝青绿红白黄]色?|洋红色?|颜色 ?\d+)", re.IGNORECASE
)
_DIGITS = re.compile(r"DBNum([12])", re.IGNORECASE)
_CURRENCY = re.compile(r"\$([^-]*)(?:-(.+))?", re.DOTALL)
_CHINESE, _ENGLISH = (0x04, "zh"), (0x09, "en")  # the primary language is the low ten bits of a locale
_SYSTEMS: dict[int | str, str] = {0xF800: "date", "x-sysdate": "date", 0xF400: "time", "x-systime": "time"}
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,8}")
_PLAIN_CALENDAR = (0, 1)  # Gregorian
_PLAIN_DIGITS = (0, 1)  # 0 to 9
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


class TokenKind(StrEnum):
    """What a piece of a code is."""

    LITERAL = "literal"
    DIGIT = "digit"  # 0 # ?
    POINT = "."
    COMMA = ","
    PERCENT = "%"
    SLASH = "/"
    EXPONENT = "exponent"
    DATE = "date"  # a run of one letter
    ELAPSED = "elapsed"  # the same in brackets
    HALF = "half"  # of a day
    TEXT = "@"
    GENERAL = "general"
    FOREIGN = "foreign"  # what we cannot show


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a code."""

    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """For which numbers a section is."""

    compare: str
    limit: float

    def holds(self, number: float) -> bool:
        """Whether it is for this number."""
        return _COMPARE[self.compare](number, self.limit)


@dataclass(frozen=True, slots=True)
class Section:
    """One of up to four, which a semicolon parts. `language`: zh, en, another's code, or empty.

    `numerals`: 1 for 一二三, 2 for 壹贰叁. `system`: "date" or "time", for those that the computer's settings say.
    """

    tokens: tuple[Token, ...]
    condition: Condition | None = None
    language: str = ""
    numerals: int = 0
    system: str = ""

    @property
    def code(self) -> str:
        """About what was written."""
        return "".join(token.text for token in self.tokens)

    def has(self, *kinds: TokenKind) -> bool:
        """Whether there is a piece of such a kind."""
        return any(token.kind in kinds for token in self.tokens)


def sections(code: str) -> tuple[Section, ...]:
    """The sections of a code; what cannot be shown is FOREIGN in them."""
    found, section, place = [], _Section(), 0
    while place < len(code):
        match = _TOKEN.match(code, place)
        if match is None:
            section.add(TokenKind.FOREIGN, code[place])
            place += 1
            continue
        place = match.end()
        if match["mark"] == ";":
            found.append(section.done())
            section = _Section()
        else:
            section.take(match.lastgroup or "", match[match.lastgroup or 0])
    return (*found, section.done())


class _Section:
    """A section as it is read."""

    def __init__(self) -> None:
        self._tokens: list[Token] = []
        self._condition: Condition | None = None
        self._language = self._system = ""
        self._numerals = 0

    def done(self) -> Section:
        return Section(tuple(self._tokens), self._condition, self._language, self._numerals, self._system)

    def add(self, kind: TokenKind, text: str) -> None:
        self._tokens.append(Token(kind, text))

    def take(self, group: str, text: str) -> None:
        match group:
            case "quoted" | "escaped" | "plain":
                self.add(TokenKind.LITERAL, text)
            case "width":  # a gap as wide as that character
                self.add(TokenKind.LITERAL, " ")
            case "fill":  # as often as the column is wide: of blanks nothing is seen
                if not text.isspace():
                    self.add(TokenKind.FOREIGN, f"*{text}")
            case "bracket":
                self._bracket(text)
            case "mark":
                self.add(TokenKind(text), text)
            case "date":
                self.add(TokenKind.DATE, text.casefold())
            case _:
                self.add(TokenKind(group), text.upper() if group == "exponent" else text)

    def _bracket(self, text: str) -> None:
        if _ELAPSED.fullmatch(text):
            self.add(TokenKind.ELAPSED, text.casefold())
        elif found := _CONDITION.fullmatch(text):
            self._condition = Condition(found[1], float(found[2]))
        elif found := _DIGITS.fullmatch(text):
            self._numerals = int(found[1])
        elif found := _CURRENCY.fullmatch(text):
            self.add(TokenKind.LITERAL, found[1])
            self._locale(found[2] or "", text)
        elif not _COLOR.fullmatch(text):
            self.add(TokenKind.FOREIGN, f"[{text}]")

    def _locale(self, name: str, text: str) -> None:
        """`804`, `zh-CN` or `x-sysdate`; after a comma, or in the high bits of a number, digits and calendar."""
        name, _, more = name.casefold().partition(",")
        locale = int(name, 16) if _HEXADECIMAL.fullmatch(name) else name
        if not _is_plain(_high_bits(name) or _high_bits(more)):
            self.add(TokenKind.FOREIGN, f"[{text}]")
        elif locale in _SYSTEMS:
            self._system = _SYSTEMS[locale]
        else:
            self._language = _language(locale)


def _high_bits(locale: str) -> int:
    return int(locale, 16) >> 16 if _HEXADECIMAL.fullmatch(locale) else 0


def _is_plain(high_bits: int) -> bool:
    """Whether they mean the calendar and the digits that we show."""
    return high_bits & 0xFF in _PLAIN_CALENDAR and high_bits >> 8 in _PLAIN_DIGITS


def _language(locale: int | str) -> str:
    if isinstance(locale, str):
        return locale.partition("-")[0]
    return dict((_CHINESE, _ENGLISH)).get(locale & 0x3FF, f"{locale:x}" if locale else "")
