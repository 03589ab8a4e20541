r"""Whether what stands between two marks is a formula: a pair of dollars may be two prices, \( \) two escapes."""

import re

from wecom_bot.text.latex.symbols import FUNCTIONS

_SIGN = re.compile(r"\\[A-Za-z]{2,}|\\[\\{}%$,;|!]|\^|\{,\}|_(?:\{|\w(?!\w))|[A-Za-z)]_\w")
_COMMAND = re.compile(r"\\[A-Za-z]+(?:\{[^{}]*\})?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PAUSE = re.compile(r"[，。；：！？、]")
_PROSE = re.compile(r"[A-Za-z]{2} [A-Za-z]{2}")
_TEMPLATE = re.compile(r"\{\w+\}")  # ${name}
_ENDS_OPEN = re.compile(r"\A[,，.。;；:：)/*×÷]|(?:(?<![\^{])[+\-*/=<>×÷]|[(（:：])\Z")
_ENDS_IN_PAUSE = re.compile(r"[,.;，。；！？、]\Z")  # as a price does
_SIMPLE = re.compile(r"-?\d+(?:[.,]\d+)*\s?%?|\d*[A-Za-z\u0370-\u03ff]'{0,2}|[A-F]{2,4}|[A-HM-Q]{2}")
_NAME = re.compile(r"[A-Z]{2,4}'?|[a-z]{2,3}")
# A date, a telephone number, a time
_NUMBERS_ALONE = re.compile(r"\d{4}-\d\d?-\d\d?|\d{3,4}-\d{3,4}-\d{3}|\d:(?:00|15|30|45|59)")
_CALCULATION = re.compile(r"[A-Za-z0-9\u0370-\u03ff\s+\-*/:=<>≤≥≠≈×÷·±()|.,!'%\[\]∞√²³→]+")
_OPERATOR = re.compile(r"[+\-*/:=<>≤≥≠≈×÷·±→]|[A-Za-z]'?\([^()]+\)|\|[^|]+\||[(\[][^()\[\],]*,[^()\[\]]*[)\]]")
_OPERAND = re.compile(r"\d|(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
_LONG_WORD = re.compile(r"[A-Za-z]{4,}")


def is_formula(text: str, *, known: bool) -> bool:
    """Whether it is surely one; where it is known that the text holds formulas, names like ABCD are, too."""
    text = text.strip()
    if not text or _ENDS_OPEN.search(text) or _TEMPLATE.fullmatch(text):
        return False
    bare = _COMMAND.sub("", text)
    if _PROSE.search(bare) or _may_be_price(text):
        return False
    if _HAN.search(bare):
        return _is_formula_of_words(text, bare)
    return has_sign(text) or _is_calculation(text) or _is_term(text, known=known)


def has_sign(text: str) -> bool:
    """Whether it has what nothing but LaTeX has: a command, an exponent, an index."""
    return _SIGN.search(text) is not None


def _may_be_price(text: str) -> bool:
    return _ENDS_IN_PAUSE.search(text) is not None and text[0].isdigit() and not has_sign(text)


def _is_term(text: str, *, known: bool) -> bool:
    return _SIMPLE.fullmatch(text) is not None or (known and _NAME.fullmatch(text) is not None)


def _is_formula_of_words(text: str, bare: str) -> bool:
    r"""Of 总价 = 单价 \times 数量; what begins with a number may be a price."""
    if text != bare:
        return True
    return not _PAUSE.search(bare) and not bare[0].isdigit() and ("=" in bare or has_sign(bare))


def _is_calculation(text: str) -> bool:
    if not _CALCULATION.fullmatch(text) or _NUMBERS_ALONE.search(text):
        return False
    if any(word not in FUNCTIONS for word in _LONG_WORD.findall(text)):
        return False
    balanced = text.count("(") + text.count("[") == text.count(")") + text.count("]")
    return balanced and _OPERATOR.search(text) is not None and _OPERAND.search(text) is not None
