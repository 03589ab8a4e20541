r"""Line breaks that somebody wrote out: a model, a file or a program said \n, and meant a line."""

import re

from wecom_bot.text.hiding import CODE
from wecom_bot.text.latex.commands import COMMANDS
from wecom_bot.text.paths import with_hidden_paths

_BREAK = r"(?P<break>\\{1,3}(?P<return>r\\{1,3})?n)(?P<word>[A-Za-z]+|[ ](?=[^\s*+-])|)"
_TAB = r"(?P<tab>\\{1,2}t)(?P<words>[A-Za-z]*)"
_FOUND = re.compile(rf'{CODE}|{_BREAK}|{_TAB}|(?P<end>\\r(?![A-Za-z\\]))|\\"(?P<quoted>[^"\\\n]{{1,200}})\\"')
# Words that begin as a break does, where "in other words" stands before the backslash: old\new, yes\no
_WORDS = frozenset(
    {"name", "names", "near", "net", "network", "never", "new", "news", "next", "nginx", "night", "no", "node", "north"}
    | {"not", "note", "notes", "notice", "now", "npm", "null", "number"}
)
# Where a break is spoken of, it is shown; \0 stands for it
_SPOKEN_OF = re.compile(
    r"(?:换行符|转义字?符|反斜杠|escape|backslash)\s?[是为：:“\"'‘（(]{0,2}\s?\0|\0[”\"'’）)]?\s(?:表示|代表|分[隔割]|[是为即]|means\b|is\b)"
    r"|(?:用|输入|写[入成]?|[添插]?加入?|[以把将])\s?[“\"'‘]?\0[”\"'’]?\s?(?:表示|代表|来?换行|换行符|分[隔行]|替换|换成)"
    r"|[“\"'‘「『（(【]\0[”\"'’」』）)】]",
    re.IGNORECASE,
)
_NEAR = 12
_SHORT = 2  # \ne and \to may be a break and a letter
_IN_ROW = re.compile(r"\s?[=^_<>&]")  # of \\n=2 in aligned lines the letter is a number's
_ESCAPE = re.compile(r"(\\+)([A-Za-z]+|.|\Z)", re.DOTALL)
_DUMPED = re.compile(r'\\([\\nrt"/])')
_MEANS = {"n": "\n", "r": "", "t": " "}


def with_lines(text: str) -> str:
    """The text with its written line breaks as lines, and its paths out of sight."""
    if "\\" not in text:
        return text
    if _is_dumped(text):
        text = _DUMPED.sub(lambda found: _MEANS.get(found[1], found[1]), text)
    return _FOUND.sub(_read, with_hidden_paths(text))


def _is_dumped(text: str) -> bool:
    r"""Whether a program wrote it all out, backslashes too: then \\frac is a command and \n a line break."""
    twice = False
    for found in _ESCAPE.finditer(text):
        slashes, after = found[1], found[2]
        is_command = len(after) > 1 and after in COMMANDS
        if len(slashes) % 2 == 0:
            twice = twice or is_command or after in ("(", "[")
        elif after[:1] not in ("n", "r", "t", '"', "/") or (is_command and len(after) > _SHORT):
            return False
    return twice


def _read(found: re.Match[str]) -> str:
    if found["break"]:
        return found[0] if _is_none(found) else "\n" + found["word"].strip()
    if found["tab"]:
        return " " + found["words"] if _is_tab(found) else found[0]
    if found["quoted"]:
        return f'"{found["quoted"]}"'
    return found[0] if found["code"] else "\n"


def _is_none(found: re.Match[str]) -> bool:
    """Whether it is the beginning of a command or of a word, or shown on purpose."""
    text, start, end = found.string, found.start(), found.end("break")
    word = "n" + found["word"]
    if not found["return"] and word in COMMANDS:
        return True
    if word in _WORDS and text[start - 1 : start].isascii() and text[start - 1 : start].isalnum():
        return True
    if found["break"].startswith("\\\\") and _IN_ROW.match(text, end):
        return True
    return _is_spoken_of(text, start, end)


def _is_spoken_of(text: str, start: int, end: int) -> bool:
    return _SPOKEN_OF.search(f"{text[max(0, start - _NEAR) : start]}\0{text[end : end + _NEAR]}") is not None


def _is_tab(found: re.Match[str]) -> bool:
    words = found["words"]
    if not words:
        return not _is_spoken_of(found.string, found.start(), found.end())
    return "t" + words not in COMMANDS and (words[0].isupper() or "\\n" in found.string)
