"""Fractions, roots and scripts on one line, with brackets where the reader would need them."""

import re

_UP = dict(zip("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾", strict=True)) | dict(
    zip("abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True)
)
_DOWN = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True)) | dict(
    zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_ABOVE = {"∘": "°", "°": "°", "⊤": "ᵀ", "′": "′", "*": "*", "∗": "*", "†": "†"}
_ONE_ABOVE = re.compile(r"[^\W_]|\d+(?:\.\d+)?|[\u3400-\u9fff]+")
_ONE_BELOW = re.compile(r"[△∠]?\w{1,30}|\d+\.\d+")
_MOST_LETTERS = 2  # a_max is read with more ease than three small letters

_COMPOUND = frozenset("+-−±∓×÷·/*=<>≤≥≠≈→,; ")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_IN_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_SCRIPTS = "".join((*_UP.values(), *_DOWN.values(), "°′"))
_ONE_THING = re.compile(
    rf"-?\d[\d.,]*%?|[A-Za-z]{{4,}}|[d∂Δ]?[A-Za-z\u0370-\u03ffℓℏ][{_SCRIPTS}'!]*(?:\([A-Za-z]\))?|\d+[{_SCRIPTS}!]+|[\u3400-\u9fff]+"
    r"|[√∛∜](?:\d+|\w|\([^()]*\))|[(|][^()|]*[)|]|[A-Z]{2}|km|cm|mm|kg|ml|mol|min"
)
_UNDER_ROOT = re.compile(r"\d+(?:\.\d+)?|[A-Za-z\u0370-\u03ff]|\([^()]*\)")
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}


def raised(text: str) -> str:
    """The text as an exponent: ², or ^(n+1) where small characters would be hard to read or do not exist."""
    return _ABOVE.get(text.strip()) or _script(text.strip(), _UP, "^", _ONE_ABOVE)


def lowered(text: str) -> str:
    """The text as an index: ₁, or _max."""
    return _script(text.strip(), _DOWN, "_", _ONE_BELOW)


def _script(text: str, small: dict[str, str], mark: str, one: re.Pattern[str]) -> str:
    if not text or not text.strip("′'"):
        return text
    if _is_easy(text) and all(each in small for each in text):
        return "".join(small[each] for each in text)
    whole = one.fullmatch(text) or (text[0] == "(" and _IN_BRACKETS.fullmatch(text))
    return mark + (text if whole else f"({text})")


def _is_easy(text: str) -> bool:
    """Whether it is read well in small characters."""
    letters = sum(each.isalpha() for each in text)
    return letters <= _MOST_LETTERS and (not letters or text.lstrip("+-−").isalnum())


def over(above: str, below: str) -> str:
    """The fraction: a/b, (a+b)/(2c)."""
    above, below = " ".join(above.split()), " ".join(below.split())
    if not above or not below:
        return above + below
    divided = f"({above})" if _is_compound(above) else above
    return f"{divided}/{below if _ONE_THING.fullmatch(below) else f'({below})'}"


def _is_compound(text: str) -> bool:
    """Whether a sum, a product or the like stands outside of brackets; a sign before it makes it none."""
    within = 0
    for place, each in enumerate(_THOUSANDS.sub("", text)):
        within += (each in "([{") - (each in ")]}")
        if place and within <= 0 and each in _COMPOUND:
            return True
    return False


def root(text: str, degree: str = "") -> str:
    """The root: √2, √(a+b), ∛x, ⁿ√x."""
    text = " ".join(text.split())
    sign = _ROOTS.get(degree) or raised(degree) + "√"
    return sign + (text if not text or _UNDER_ROOT.fullmatch(text) else f"({text})")
