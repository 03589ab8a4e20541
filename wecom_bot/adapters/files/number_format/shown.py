"""A number format, ready to show numbers and texts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from wecom_bot.adapters.files.number_format import chinese, moments, ratios
from wecom_bot.adapters.files.number_format.code import Section, TokenKind, sections
from wecom_bot.adapters.files.number_format.errors import NotShown
from wecom_bot.adapters.files.number_format.general import general
from wecom_bot.adapters.files.number_format.numbers import NumberLayout

_GENERAL = sections("General")[0]
_MOST_SECTIONS = 4
_TEXT = 3  # of four sections the last
_MOST_TOKENS = 100  # which take their time in each cell
_SINCE_1904 = 1462  # days after the beginning of 1900

Shape = Callable[[Decimal], str]
"""What a section makes of a number."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section, ready to show numbers. `only_negative`: it has no others, and says itself that they are."""

    section: Section
    shape: Shape
    is_moment: bool
    only_negative: bool

    def show(self, number: float, *, since_1904: bool = False) -> str:
        """What a cell with this number shows; of less than 15 digits. Raises NotShown."""
        if self.section == _GENERAL:
            return general(number)
        if self.is_moment:
            return self.shape(_exact(number) + (_SINCE_1904 if since_1904 else 0))
        shown = self.shape(_exact(abs(number)))
        unsigned = number >= 0 or self.only_negative or not _counts(shown, self.section)
        return shown if unsigned else f"-{shown}"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What the code of a format makes of what is in a cell."""

    code: str
    numeric: tuple[Section, ...]
    text: Section | None
    _parts: dict[int, Part] = field(default_factory=dict)  # those that were used so far

    @classmethod
    def parse(cls, code: str) -> "NumberFormat":
        """Any code; what cannot be shown by it is refused when it is to be shown."""
        found = sections(code or "General")
        if len(found) >= _MOST_SECTIONS:
            return cls(code, found[:_TEXT], found[_TEXT])
        if found[-1].has(TokenKind.TEXT):
            return cls(code, found[:-1], found[-1])
        return cls(code, found, None)

    def show_text(self, text: str) -> str:
        """What a cell with this text shows. Raises NotShown."""
        if self.text is None:
            return text
        if self.text.has(TokenKind.FOREIGN) or sum(token.kind is TokenKind.TEXT for token in self.text.tokens) > 1:
            raise NotShown(self.code)  # text upon text may be longer than a cell
        return "".join(text if token.kind is TokenKind.TEXT else token.text for token in self.text.tokens)

    def part(self, number: float) -> Part:
        """The section that shows a number. Raises NotShown."""
        index = self._chosen(number)
        if index not in self._parts:
            section = self.numeric[index] if self.numeric else self.text
            if section is None or section.has(TokenKind.FOREIGN) or len(section.tokens) > _MOST_TOKENS:
                raise NotShown(self.code)
            self._parts[index] = Part(section, _shape(section), moments.is_moment(section), self._only_negative(index))
        return self._parts[index]

    def _chosen(self, number: float) -> int:
        """The section for a number: positive, negative, zero, unless they say otherwise."""
        parts = self.numeric
        if len(parts) < 2 and not (parts and parts[0].condition):  # noqa: PLR2004 - nothing to choose between
            return 0
        if not any(part.condition for part in parts):
            order = (number > 0, number < 0, True) if len(parts) > 2 else (number >= 0, True)  # noqa: PLR2004
            return order.index(True)
        for index, part in enumerate(parts):
            if part.condition.holds(number) if part.condition else _by_itself(index, len(parts), number):
                return index
        raise NotShown("####")

    def _only_negative(self, index: int) -> bool:
        if index >= len(self.numeric):
            return False
        own, first = self.numeric[index].condition, self.numeric[0].condition
        if own:
            return own.compare in {"<", "<="} and own.limit <= 0
        if index != 1:
            return False
        return first is None or len(self.numeric) > 2 or (first.compare in {">", ">="} and first.limit == 0)  # noqa: PLR2004


def _by_itself(index: int, count: int, number: float) -> bool:
    """Whether a section that says nothing of it has this number, beside others that do; the last one has the rest."""
    return index == count - 1 or (number > 0 if index == 0 else number < 0)


def _shape(section: Section) -> Shape:
    """How the section shows a number that is not negative. Raises NotShown."""
    if moments.is_moment(section):
        return moments.MomentLayout.of(section).show
    if section.numerals:
        return partial(_in_chinese, section)
    if section.has(TokenKind.GENERAL, TokenKind.TEXT):
        return partial(_general, section)
    if ratios.is_ratio(section):
        return partial(ratios.show, section)
    return NumberLayout.of(section).show


def _general(section: Section, number: Decimal) -> str:
    if section.has(TokenKind.DIGIT):
        raise NotShown(section.code)
    whole = (TokenKind.GENERAL, TokenKind.TEXT)
    return "".join(general(float(number)) if token.kind in whole else token.text for token in section.tokens)


def _in_chinese(section: Section, number: Decimal) -> str:
    """`[DBNum1]General` counts, `[DBNum1]0` says one digit after the other; other ways to write it are nobody's."""
    capital = section.numerals > 1
    places = [token for token in section.tokens if token.kind is TokenKind.DIGIT]
    if section.has(
        TokenKind.POINT, TokenKind.COMMA, TokenKind.PERCENT, TokenKind.EXPONENT, TokenKind.TEXT, TokenKind.SLASH
    ):
        raise NotShown(section.code)
    if places:
        return chinese.one_by_one(NumberLayout.of(section).show(number), capital=capital)
    whole, _, decimals = general(float(number)).partition(".")
    said = chinese.counted(int(whole), capital=capital)
    said += f".{chinese.one_by_one(decimals, capital=capital)}" if decimals else ""
    if not section.has(TokenKind.GENERAL):
        return said + "".join(token.text for token in section.tokens)
    return "".join(said if token.kind is TokenKind.GENERAL else token.text for token in section.tokens)


def _counts(shown: str, section: Section) -> bool:
    """Whether anything but zeros is left of a number, so that its sign means something."""
    if not section.has(TokenKind.DIGIT, TokenKind.GENERAL, TokenKind.TEXT):
        return True
    return any(character.isdigit() and character != "0" for character in shown) or bool(section.numerals)


def _exact(number: float) -> Decimal:
    """The 15 digits that Excel goes by: 0.285 is not less than it."""
    return Decimal(f"{number:.15g}")
