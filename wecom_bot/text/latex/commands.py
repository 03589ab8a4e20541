"""What becomes of each of LaTeX's commands."""

import re
import unicodedata
from types import MappingProxyType

from wecom_bot.text.latex import symbols
from wecom_bot.text.latex.arithmetic import lowered, over, raised, root
from wecom_bot.text.latex.chemistry import reaction
from wecom_bot.text.latex.environments import ENVIRONMENTS
from wecom_bot.text.latex.reader import LatexReader
from wecom_bot.text.latex.said import SaidPieces

_PREFIXES = frozenset("△∠∡□▱∀∃∄¬∂∇")
_STAND_APART = frozenset("…⋯⋮⋱∫∬∭∮∵∴✓")
_SIGNED = frozenset("±∓")
_NEGATED = {"=": "≠", "∈": "∉", "<": "≮", ">": "≯", "⊂": "⊄", "⊆": "⊈", "≡": "≢", "∥": "∦", "≤": "≰", "≥": "≱"}
_BLANK_MARKS = frozenset(",;:> \n")
_SIMPLE_LIMIT = re.compile(r"[0-9A-Za-z\u0370-\u03ff]{1,3}")


def _letter(reader: LatexReader, name: str, said: SaidPieces) -> None:
    sign = symbols.LETTERS[name]
    if sign.isalpha() and not reader.loose and said.ends_with_number_and_blank and reader.ahead(-2).isspace():
        said.pieces.pop()  # 2 \pi, but not 5\,\Omega
    said.add(sign)
    if reader.ahead().isspace() and not reader.literal and _joins(sign, reader.ahead(1), reader.ahead(2)):
        reader.pass_blanks()


def _joins(sign: str, after: str, behind: str) -> bool:
    """Whether the blank between the sign and the piece after it only ended a command's name."""
    if sign in _STAND_APART:
        return False
    if sign in _PREFIXES and after[1:] not in symbols.OPERATORS:
        return True
    return after[1:] in symbols.LETTERS or _is_letter(after, behind)


def _is_letter(piece: str, behind: str) -> bool:
    """Whether it is one letter, or a digit, and not where a word begins."""
    return piece.isalnum() and piece.isascii() and not (behind.isalpha() and behind.isascii())


def _operator(reader: LatexReader, name: str, said: SaidPieces) -> None:
    sign = symbols.OPERATORS[name]
    tight = not said.last.isspace() if said.last else sign in _SIGNED
    said.add(sign)
    if tight:
        reader.pass_blanks()


def _bracket(reader: LatexReader, name: str, said: SaidPieces) -> None:
    if name[0] == "r":
        said.trim()
    said.add(symbols.BRACKETS[name])
    if name[0] == "l":
        reader.pass_blanks()


def _function(_reader: LatexReader, name: str, said: SaidPieces) -> None:
    said.name(name)


def _limited(reader: LatexReader, name: str, said: SaidPieces) -> None:
    """∑(i=1…n), lim(x→0), but ∑ₖ and log₂."""
    sign, limits = symbols.LETTERS.get(name, name), {"_": "", "^": ""}
    while mark := _next_limit(reader):
        limits[mark] = reader.script().strip()
    below, above = "".join(limits["_"].split()), limits["^"]
    if not below or _SIMPLE_LIMIT.fullmatch(below):
        said.name(sign + lowered(below) + raised(above))
    else:
        said.name(f"{sign}({below}…{above})" if above else f"{sign}({below})")


def _next_limit(reader: LatexReader) -> str:
    while reader.ahead() in ("\\limits", "\\nolimits"):
        reader.take()
    blanks = int(reader.ahead().isspace())
    if (mark := reader.ahead(blanks)) not in ("_", "^"):
        return ""
    reader.place += blanks + 1
    return mark


def _blank(_reader: LatexReader, _name: str, said: SaidPieces) -> None:
    said.blank()


def _break(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    reader.pass_blanks()
    said.blank("\n")


def _silent(reader: LatexReader, _name: str, _said: SaidPieces) -> None:
    reader.pass_blanks()


def _left(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    said.add(reader.argument().removeprefix("."))
    reader.pass_blanks()


def _right(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    said.trim()
    said.add(reader.argument().removeprefix("."))


def _mark(reader: LatexReader, name: str, said: SaidPieces) -> None:
    if reader.loose and name not in ",;":
        said.add("\\" + name)  # it may be Markdown's, and what that means is told later
    elif name in _BLANK_MARKS:
        said.blank()
    elif name == "|":
        said.add("‖")


def _words(reader: LatexReader, name: str, said: SaidPieces) -> None:
    if name == "textcolor":
        reader.argument()
    said.add(reader.argument(literal=True))


def _transparent(reader: LatexReader, name: str, said: SaidPieces) -> None:
    if name == "operatorname":
        if reader.ahead() == "*":
            reader.take()
        said.name(reader.argument())
    else:
        said.add(reader.argument())


def _braced(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    """Whatever stands below or above a brace is a remark."""
    said.add(reader.argument())
    if _next_limit(reader):
        said.add(f"({reader.script()})")


def _dropped(reader: LatexReader, _name: str, _said: SaidPieces) -> None:
    reader.source()


def _second(reader: LatexReader, name: str, said: SaidPieces) -> None:
    first = reader.source() if name == "href" else reader.argument()
    second = reader.argument()
    said.add(f"{second}（{first}）" if name == "href" and first.startswith("http") else second)


def _fraction(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    above, below = reader.argument(), reader.argument()
    if above or below:
        said.divided(over(above, below))


def _binomial(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    said.add(f"C({reader.argument()}, {reader.argument()})")


def _root(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    degree = reader.option()
    said.add(root(reader.argument(), degree))


def _arrow(reader: LatexReader, name: str, said: SaidPieces) -> None:
    below = reader.option()
    words = "，".join(filter(None, (reader.argument(), below)))
    said.add(symbols.ARROWS_WITH_WORDS[name] + (f"({words})" if words else ""))


def _accent(reader: LatexReader, name: str, said: SaidPieces) -> None:
    text = reader.argument()
    said.add(unicodedata.normalize("NFC", text + symbols.ACCENTS[name]) if len(text) == 1 else text)


def _double_struck(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    text = reader.argument()
    said.add(symbols.DOUBLE_STRUCK.get(text, text))


def _negated(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    sign = reader.argument()
    said.add(_NEGATED.get(sign, sign + "\u0338" if len(sign) == 1 else sign))


def _tag(reader: LatexReader, name: str, said: SaidPieces) -> None:
    said.blank()
    said.add(f"({'mod ' if name == 'pmod' else ''}{reader.argument()})")


def _reaction(reader: LatexReader, _name: str, said: SaidPieces) -> None:
    said.add(reaction(reader.source()))


COMMANDS = MappingProxyType(
    dict.fromkeys(symbols.LETTERS, _letter)
    | dict.fromkeys(symbols.OPERATORS, _operator)
    | dict.fromkeys(symbols.BRACKETS, _bracket)
    | dict.fromkeys(symbols.FUNCTIONS, _function)
    | dict.fromkeys(symbols.LIMITED, _limited)
    | dict.fromkeys(symbols.BLANKS, _blank)
    | dict.fromkeys(symbols.BREAKS, _break)
    | dict.fromkeys(symbols.SILENT, _silent)
    | dict.fromkeys(symbols.WORDS, _words)
    | dict.fromkeys(symbols.TRANSPARENT, _transparent)
    | dict.fromkeys(symbols.DROPPED, _dropped)
    | dict.fromkeys(symbols.SECOND, _second)
    | dict.fromkeys(symbols.FRACTIONS, _fraction)
    | dict.fromkeys(symbols.BINOMIALS, _binomial)
    | dict.fromkeys(symbols.ARROWS_WITH_WORDS, _arrow)
    | dict.fromkeys(symbols.ACCENTS, _accent)
    | {"left": _left, "right": _right, "sqrt": _root, "not": _negated, "tag": _tag, "pmod": _tag, "ce": _reaction}
    | {"underbrace": _braced, "overbrace": _braced, "mathbb": _double_struck, "Bbb": _double_struck}
    | dict.fromkeys(",;:> \n!|", _mark)
    | ENVIRONMENTS
)
"""What to do for a command of each name."""
