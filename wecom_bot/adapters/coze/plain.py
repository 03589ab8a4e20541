"""Coze's Markdown as text for a chat window, with nothing in it that is not for the customer."""

import html
import re
from collections.abc import Iterator

from wecom_bot.adapters.coze.internals import is_programs, without_internals
from wecom_bot.adapters.coze.tables import in_lines

MOST_BYTES = 4000

_MOST_TEXT = 20_000  # characters to look at: more than can be said
_THOUGHT = re.compile(r"<(think|thinking)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_ENDS = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_CITED = re.compile(
    r"\[\^\d{1,4}\^?\]|【\d{1,4}[†:][^】\n]{0,100}】|\[citation:\d{1,4}\]|\^\^\[[^\]\n]{0,100}\]", re.IGNORECASE
)
_FENCE = re.compile(r"^\s{0,12}(?:```+|~~~+)[^`\n]*$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_HIDDEN = re.compile("[\ue000-\ue07f]")  # private characters: they hold what was escaped until all else is done
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_QUOTED = re.compile(r"^\s{0,3}(?:>\s?)+")
_BULLET = re.compile(r"^(\s*)[-*+•]\s+(?:\[[ xX]\]\s+)?")
_NUMBER = re.compile(r"^(\s*\d{1,4}[.)])\s+")
_RULE = re.compile(r"^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|={3,})$")
_TARGET = r"<?([^\s()<>]{0,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500})?)>?(?:\s{1,5}[\"'][^\n\"']{0,200}[\"'])?"
_LINK = re.compile(rf"!?\[([^\[\]\n]{{0,500}})\]\(\s{{0,5}}{_TARGET}\s{{0,5}}\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:|tel:)[^\s<>]{1,2000})>", re.IGNORECASE)
_SHOWN = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_STRONG = re.compile(r"(?<!\*)\*\*(?![\s*])([^\n]{1,500}?)(?<![\s*])\*\*(?!\*)")
_STRONGEST = re.compile(r"(?<![\w*])\*\*\*(?![\s*])([^*\n]{1,500}?)(?<!\s)\*\*\*(?![\w*])")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?![\s*])([^*\n]{1,500}?)(?<![\s*])\*(?![\w*])")
_UNDERLINED = re.compile(r"(?<!\w)(__?)(?![\s_])([^\n]{1,500}?)(?<![\s_])\1(?!\w)")
_STRUCK = re.compile(r"~~(?![\s~])([^~\n]{1,500}?)~~")
_CODE = re.compile(r"(`{1,2})(?!`)([^`\n]{1,500}?)\1(?!`)")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6])>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|b|i|u|s|p|em|strong|span|div|font|sup|sub|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|code|pre|center|del|mark)"
    r"(?:\s[^<>\n]{0,500})?>",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd]")
_GAPS = re.compile(r"\n{3,}")
_ENDS = "。！？!?；;\n"


def plain(text: str) -> str:
    """The text as a customer may read it, at most 4000 bytes; empty if nothing in it is for them."""
    text = without_internals(text[:_MOST_TEXT].replace("\r\n", "\n"))
    text = _THOUGHT_ENDS.sub("", _THOUGHT.sub("", text)).strip()
    if is_programs(text):
        return ""
    text = _HIDDEN.sub("", text)
    text = "\n".join(_lines(_CITED.sub("", text)))
    text = _CONTROL.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return cut(_GAPS.sub("\n\n", text).strip())


def cut(text: str, most: int = MOST_BYTES) -> str:
    """The text in at most so many bytes, ended where a sentence ends if one does near there."""
    if len(text.encode("utf-8", "replace")) <= most:
        return text
    short = text.encode("utf-8", "replace")[: most - len("…".encode())].decode("utf-8", "ignore")
    end = max(short.rfind(each) for each in _ENDS) + 1
    return (short[:end] if end > len(short) * 3 // 4 else short).rstrip() + "…"


def _lines(text: str) -> Iterator[str]:
    """The lines in plain words; those within fences as they are, without the fences."""
    fenced, pending = False, list[str]()
    for line in text.split("\n"):
        if _FENCE.match(line):
            yield from _worded(pending)
            fenced, pending = not fenced, []
        elif fenced:
            yield line.rstrip()
        else:
            pending.append(line)
    yield from _worded(pending)


def _worded(lines: list[str]) -> Iterator[str]:
    kept = [_ESCAPED.sub(lambda found: chr(0xE000 + ord(found[1])), line) for line in lines]
    for line in in_lines(kept):
        for piece in _BREAK.sub("\n", line).split("\n"):
            yield _HIDDEN.sub(lambda found: chr(ord(found[0]) - 0xE000), _line(piece)).rstrip()


def _line(line: str) -> str:
    if _RULE.match(line):
        return ""
    line = _QUOTED.sub("", line)
    line = _headline(line)
    line = _NUMBER.sub(r"\1 ", _BULLET.sub(r"\1· ", line))
    line = _AUTOLINK.sub(r"\1", _LINK.sub(_link, line))
    # what stands between backticks stands as it is, and stars in it are no emphasis: those parts are passed over
    pieces = _CODE.split(line)
    return "".join(_marked(piece) if place % 3 == 0 else piece for place, piece in enumerate(pieces) if place % 3 != 1)


def _headline(line: str) -> str:
    if not (mark := _HEADING.match(line)):
        return line
    title = line[mark.end() :].rstrip()
    shorter = title.rstrip("#")
    return shorter.rstrip() if shorter.endswith(" ") else title  # "## C#" keeps its own


def _marked(text: str) -> str:
    text = _STRONG.sub(r"\1", _STRONGEST.sub(r"\1", text))
    text = _EMPHASIS.sub(r"\1", text)
    text = _STRUCK.sub(r"\1", _UNDERLINED.sub(r"\2", text))
    return html.unescape(_TAG.sub("", text)).replace("\xa0", " ")


def _link(found: re.Match[str]) -> str:
    text, target = found[1].strip(), found[2]
    if not _SHOWN.match(target):
        return text
    return target if text in ("", target) else f"{text}（{target}）"
