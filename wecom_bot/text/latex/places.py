r"""Where formulas stand in a text: between \( \), \[ \], $$ and $, in an environment, or just among the words."""

import html
import re

from wecom_bot.text.hiding import CODE, hide, hide_marks
from wecom_bot.text.latex.commands import COMMANDS
from wecom_bot.text.latex.formula import readable, readable_within
from wecom_bot.text.latex.likely import has_sign, is_formula
from wecom_bot.text.latex.symbols import ENVIRONMENTS, FUNCTIONS, LETTERS

_ENVIRONMENT = "|".join(ENVIRONMENTS)
# No kind has its own beginning within it, so that each is looked through once
_FOUND = re.compile(
    rf"{CODE}"
    r"|(?P<address>https?://[!-\[\]-~]+)"
    r"|(?P<display>(?<!\\)\\\[(?P<in_display>(?:[^\\]|\\[^\[\]])*)\\\])"
    r"|(?P<inline>(?<!\\)\\\((?P<in_inline>(?:[^\\\n]|\\[^()\n]|\n(?!\n))*)\\\))"
    r"|(?P<dollars>(?<!\\)\$\$(?P<in_dollars>(?:[^$\\]|\\.|\$(?!\$))*)\$\$)"
    r"|(?P<dollar>(?<![A-Za-z0-9$\\])\$(?P<in_dollar>(?:[^$\\\n]|\\[^\n])+)\$(?![0-9$]|(?!(?:th|st|nd|rd|s|D)\b)[A-Za-z]))"
    rf"|(?P<rows>(?P<in_rows>\\begin\{{(?P<name>{_ENVIRONMENT})(?P<star>\*?)\}}"
    r"(?:(?!\\begin\{(?P=name)).)*?\\end\{(?P=name)(?P=star)\}))",
    re.DOTALL,
)
_WORTH_A_LOOK = re.compile(r"[\\$]|\^[\d{+-]|_\{")
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_AMONG_WORDS = re.compile(
    r"\\[A-Za-z]{2,}|[0-9A-Za-z]\\[,;][0-9A-Za-z\\\u3400-\u9fff]|[0-9A-Za-z)）\u3400-\u9fff]\^[\d{+-]"
    r"|(?<![0-9A-Za-z_])[A-Za-z]_\{[0-9A-Za-z+-]{1,3}\}|[A-Za-z)]_\{[\d+-]{1,4}\}"
)
_OF_A_WORD = re.compile(r"(?<![A-Za-z\\])([A-Za-z]{3,})\\(?=([A-Za-z]{2,})(?![A-Za-z{]))")  # CORP\alpha
_PAUSES = " \n,.，。"  # at the end of a display they are the sentence's
_ENTITY = re.compile(r"&[a-z]{2,8};")
_NUMBERS = re.compile(r"[\d\s,，-]+")  # of [1] and [1-3] a source is meant
_BEGINS = re.compile(r"(?:\A|\n)[^\S\n]*\Z")


def with_formulas(text: str) -> str:
    """The text with each formula as people read it, and with code out of sight."""
    if not _WORTH_A_LOOK.search(text) and "`" not in text:
        return text
    known = any(found[1] in COMMANDS for found in _COMMAND.finditer(text))
    said, begin, place = list[str](), 0, 0
    while found := _FOUND.search(text, place):
        formula = _formula(found, known=known)
        if formula is None:
            place = found.start() + 1
            continue
        said += [_among_words(text[begin : found.start()]), formula]
        begin = place = found.end()
    return "".join(said) + _among_words(text[begin:])


def _formula(found: re.Match[str], *, known: bool) -> str | None:
    """What is read of it; nothing where it is no formula."""
    kind = found.lastgroup
    if kind == "code":
        tick = found["tick"]
        return tick + hide(found["code"].removeprefix(tick).removesuffix(tick)) + tick
    if kind == "address":
        return found[0]
    source = _ENTITY.sub(lambda each: html.unescape(each[0]), found[f"in_{kind}"])
    return hide_marks(readable(source)) if _is_one(found, source, known=known) else None


def _is_one(found: re.Match[str], source: str, *, known: bool) -> bool:
    match found.lastgroup:
        case "display":
            return _is_display(found, source)
        case "inline":
            return is_formula(source, known=known) and (has_sign(source) or not _is_in_brackets(found, source))
        case "dollars":
            return is_formula(source.rstrip(_PAUSES), known=True)
        case "dollar":
            begins, ends = source[0].isspace(), source[-1].isspace()
            return begins == ends and is_formula(source, known=known and not begins)
        case _:
            return True


def _is_display(found: re.Match[str], source: str) -> bool:
    r"""Markdown writes [1], [x] and [words](address) with \[ and \], too."""
    if not source.strip() or found.string.startswith(("(", ":"), found.end()):
        return False
    if source[0].isspace() and source[-1].isspace():
        return is_formula(source.rstrip(_PAUSES), known=True)
    return len(source) > 1 and not _NUMBERS.fullmatch(source) and is_formula(source, known=False)


def _is_in_brackets(found: re.Match[str], source: str) -> bool:
    """Whether its brackets are some of the words: f(x), and (1) before the first of several."""
    text, start, end = found.string, found.start(), found.end()
    if start and text[start - 1].isascii() and text[start - 1].isalnum():
        return True
    alone = not text[end : end + 1].strip("\n")
    return source.isdigit() and not alone and _BEGINS.search(text, 0, start) is not None


def _among_words(text: str) -> str:
    if not _AMONG_WORDS.search(text):
        return text
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if not _AMONG_WORDS.search(line):
        return line
    return readable_within(_OF_A_WORD.sub(_in_a_word, line))


def _in_a_word(found: re.Match[str]) -> str:
    is_name = found[1] not in FUNCTIONS and (found[2] in LETTERS or found[2] in FUNCTIONS)
    return found[1] + hide("\\") if is_name else found[0]
