"""Numbers by a section of a format: 0.00, #,##0, 0%, 0.00E+00, 000-0000."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from wecom_bot.adapters.files.number_format.code import Section, Token, TokenKind
from wecom_bot.adapters.files.number_format.errors import NotShown

_CONTEXT = Context(prec=600)  # more digits than a code has places
_GROUP = 3  # digits between thousands
_BLANK = {"0": "0", "?": " ", "#": ""}  # what stands in a place without a digit


@dataclass(frozen=True, slots=True)
class NumberLayout:
    """Where in a section what stands, as indices of its tokens."""

    tokens: tuple[Token, ...]
    whole: tuple[int, ...]
    decimals: tuple[int, ...]
    exponent: tuple[int, ...]
    grouped: bool
    shift: int  # by how many tens the number is multiplied before it is shown

    @classmethod
    def of(cls, section: Section) -> "NumberLayout":
        """Raises NotShown for a section that makes no number."""
        tokens = section.tokens
        point, exponent = _first(tokens, TokenKind.POINT), _first(tokens, TokenKind.EXPONENT)
        places, commas = _all(tokens, TokenKind.DIGIT), _all(tokens, TokenKind.COMMA)
        whole, decimals = _between(places, -1, min(point, exponent)), _between(places, point, exponent)
        grouping = _between(commas, whole[0], whole[-1]) if whole else ()
        scaling = _ending(commas, whole, min(point, exponent)) + _ending(commas, decimals, exponent)
        if len(grouping) + len(scaling) < len(commas) or (exponent < len(tokens) and not whole):
            raise NotShown(section.code)
        return cls(
            tokens,
            whole,
            decimals,
            _between(places, exponent, len(tokens)),
            bool(grouping),
            2 * len(_all(tokens, TokenKind.PERCENT)) - _GROUP * len(scaling),
        )

    def show(self, number: Decimal) -> str:
        """A number that is not negative, in its places, with all that stands around them."""
        number, power = number.scaleb(self.shift, _CONTEXT), 0
        if self.exponent:
            number, power = self._mantissa(number)
        whole, decimals = self._digits(number)
        pieces = dict(self._whole(whole)) | dict(self._decimals(decimals)) | dict(self._power(abs(power)))
        shown = []
        for index, token in enumerate(self.tokens):
            match token.kind:
                case TokenKind.DIGIT:
                    shown.append(pieces[index])
                case TokenKind.EXPONENT:
                    shown.append("E-" if power < 0 else token.text.removesuffix("-"))
                case TokenKind.POINT if not self.whole and whole:
                    shown.append(f"{whole}.")
                case TokenKind.COMMA:
                    pass
                case _:
                    shown.append(token.text)
        return "".join(shown)

    def _digits(self, number: Decimal) -> tuple[str, str]:
        """Those before the point, without zeros that lead, and those after it."""
        places = len(self.decimals)
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _CONTEXT)
        whole, _, decimals = f"{rounded:f}".partition(".")
        return whole.lstrip("0"), decimals

    def _mantissa(self, number: Decimal) -> tuple[Decimal, int]:
        """As many digits before the point as there are places, the exponent a multiple of these."""
        step = len(self.whole)
        power = number.adjusted() // step * step if number else 0
        if len(self._digits(number.scaleb(-power, _CONTEXT))[0]) > step:  # it was rounded up
            power += step
        return number.scaleb(-power, _CONTEXT), power

    def _whole(self, digits: str) -> Iterator[tuple[int, str]]:
        """From the right; what has no place of its own stands in the first one."""
        count = 0
        for index in reversed(self.whole):
            taken = digits if index == self.whole[0] else digits[-1:]
            digits = digits[: len(digits) - len(taken)]
            piece = ""
            for digit in reversed(taken or _BLANK[self.tokens[index].text]):
                comma = "," if self.grouped and count and count % _GROUP == 0 and digit != " " else ""
                piece = digit + comma + piece
                count += 1
            yield index, piece

    def _decimals(self, digits: str) -> Iterator[tuple[int, str]]:
        """From the right: zeros that end them are only where a 0 wants them."""
        ends = True
        for index, digit in zip(reversed(self.decimals), reversed(digits), strict=True):
            ends = ends and digit == "0" and self.tokens[index].text != "0"
            yield index, _BLANK[self.tokens[index].text] if ends else digit

    def _power(self, power: int) -> Iterator[tuple[int, str]]:
        digits = str(power)
        for index in reversed(self.exponent):
            taken = digits if index == self.exponent[0] else digits[-1:]
            digits = digits[: len(digits) - len(taken)]
            yield index, taken or "0"


def _all(tokens: tuple[Token, ...], kind: TokenKind) -> tuple[int, ...]:
    return tuple(index for index, token in enumerate(tokens) if token.kind is kind)


def _first(tokens: tuple[Token, ...], kind: TokenKind) -> int:
    return next((index for index, token in enumerate(tokens) if token.kind is kind), len(tokens))


def _between(indices: tuple[int, ...], after: int, before: int) -> tuple[int, ...]:
    return tuple(index for index in indices if after < index < before)


def _ending(commas: tuple[int, ...], places: tuple[int, ...], end: int) -> tuple[int, ...]:
    """The commas behind the last of the places: each divides by a thousand."""
    return _between(commas, places[-1], end) if places else ()
