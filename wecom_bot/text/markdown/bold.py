"""Markdown's **bold**, as the words alone: within a word, over a line's end, and never the stars of a power (2**3)."""

import re

_ENDS = r"(?<![\s*])\*\*(?!\*)"
# between two Latin letters or digits no stars begin anything: 2**3**2
_BEGINS = r"(?<!\*)(?!(?<=[0-9A-Za-z])\*\*[0-9A-Za-z])\*\*(?![\s*])"
_ONE_LINE = rf"{_BEGINS}(?P<words>[^\n]{{1,500}}?){_ENDS}"
# but where they go on as no power would, they do: iPhone**15**Pro, A**B**，
_TIGHT = r"[^\s*+/=]{1,100}"
_IN_WORD = (
    rf"(?<=[A-Za-z]{{2}})\*\*(?=[0-9A-Za-z])(?P<before>{_TIGHT}){_ENDS}(?=[A-Za-z])"
    rf"|(?<=[0-9A-Za-z])\*\*(?!(?<=\d\*\*)\d)(?=[0-9A-Za-z])(?P<last>{_TIGHT}){_ENDS}(?![0-9A-Za-z(])"
)
_BOLD = re.compile(f"{_ONE_LINE}|{_IN_WORD}")

_NO_STARS = r"(?:(?!\*\*)[^\n]){1,300}"
_SAME_PARAGRAPH = r"\n(?!\s{0,12}(?:[-*+#|=~`]|\d{1,3}[.)、]|\n|$))"
_OVER_LINES = re.compile(
    rf"`[^`\n]{{1,500}}`|{_ONE_LINE}|{_BEGINS}(?=[\w“‘《「『【¥￥$])"
    rf"(?P<lines>{_NO_STARS}(?:{_SAME_PARAGRAPH}{_NO_STARS}){{1,3}})(?<=[\w。！？…；：”’》」』】）)%!?.]){_ENDS}"
)


def unbolded(text: str) -> str:
    """The words of one line without the stars around them; two numbers never run into one."""
    return _BOLD.sub(_words, text)


def unbolded_over_lines(text: str) -> str:
    """The text without the stars around words that go on in the next line of a paragraph; others keep theirs."""
    return _OVER_LINES.sub(lambda found: found["lines"] or found[0], text)


def _words(found: re.Match[str]) -> str:
    words, after = found["words"] or found["before"] or found["last"], found.string[found.end() : found.end() + 1]
    return words + (" " if words[-1].isdecimal() and after.isdecimal() else "")
