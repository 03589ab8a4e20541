"""Whatever was written for a browser, as text for a chat window: no channel of ours renders Markdown.

Ordinary text stays as it is: 2*3*4, a_b_c, prices, ranges, addresses, paths, and the links (<a href>) that WeCom shows.
"""

import html
import re
from collections.abc import Iterator

from wecom_bot.text.hiding import hide, shown, without_hidden
from wecom_bot.text.latex.places import with_formulas
from wecom_bot.text.markdown.bold import unbolded_over_lines
from wecom_bot.text.markdown.emphasis import unemphasised
from wecom_bot.text.markdown.leftovers import without_tags, without_wrappers
from wecom_bot.text.markdown.references import linked, without_notes
from wecom_bot.text.markdown.tables import in_lines
from wecom_bot.text.written import with_lines

MOST_BYTES = 16_000
"""The longest reply; what of it does not fit into the channel's messages is offered to who asks for more."""

# A tag of thoughts, also with blanks or attributes, and as entities: whoever decodes them would see the tag itself
_THINKS = re.compile(
    r"(?:\\?<|[＜◁]|&(?:amp;){0,3}(?:lt|#0{0,5}60|#x0{0,5}3c);)\s{0,5}(?P<ends>/?)\s{0,5}"
    r"(?:think(?:ing)?|thoughts?|reasoning)(?:\s[^<>]{0,200}?)?\s{0,5}(?P<empty>/?)\s{0,5}"
    r"(?:\\?>|[＞▷]|&(?:amp;){0,3}(?:gt|#0{0,5}62|#x0{0,5}3e);)",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"\[\^\d{1,4}\^?\]|【\d{1,4}(?::\d{1,4})?†[^】\n]{0,100}】|\[\[\d{1,4}\]\](?!\()|"
    r"[\[【]{1,2}(?:citation|cite|ref)[:_ ]{1,2}\d{1,4}(?:[,，、 ]{1,2}\d{1,4}){0,20}[\]】]{1,2}|"
    r"\^\^\[[^\]\n]{0,100}\]",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s{0,12}(?:```+[^`\n\\]*|~~~+\s*[A-Za-z]{0,20}\s*)$")
_ESCAPED = re.compile(r"\\([*_#~`>|+.!{}()\[\]$%&-])")  # no backslash: \\server\share is a folder
_ANCHOR = re.compile(
    r"(<a\s[^<>\n]{0,500}?href\s{0,5}=\s{0,5}[\"']?https?://[^<>\n]{1,2000}>)([^<>\n]{0,500})(</a\s{0,5}>)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,2000}(?<![*_~])", re.IGNORECASE)
_IN_ADDRESSES = re.compile(r"[_~&]|(?<![*)])\*(?=[\w/?&=%-]|\.\w)")
_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}\s+|#{2,6}(?=[^\s#]))")  # #话题 is none
_QUOTED = re.compile(r"^\s{0,3}(?:>\s?)+(?![\s=]{0,3}[\d¥￥$])")  # "> 100 元" is a comparison
_BULLET = re.compile(r"^(\s*)(?:[-*]|\+(?!\s+\d))\s+(?:\[[ xX]\]\s+)?(?=\S)")
_RULE = re.compile(r"^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|={3,})$")
_TARGET = r"<?([^\s()<>]{0,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500})?)>?(?:\s{1,5}[\"'][^\n\"']{0,200}[\"'])?"
_LINK = re.compile(rf"(!?)\[((?:[^\[\]\n]|\[[^\[\]\n]{{0,100}}\]){{0,500}})\]\(\s{{0,5}}{_TARGET}\s{{0,5}}\)")
_IMAGE = re.compile(rf"(!)\[([^\[\]\n]{{0,500}})\]\(\s{{0,5}}{_TARGET}\s{{0,5}}\)")  # it may be a link's words
_NUMBER = re.compile(r"\[\^?\d{1,4}\^?\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:|tel:)[^\s<>]{1,2000})>", re.IGNORECASE)
_SHOWN = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[#/.]|[a-z][a-z0-9+.-]{1,20}:|[!-~]{0,200}[./]", re.IGNORECASE)  # a target none can open
_WITHIN = r"(?!(?<=[0-9A-Za-z]){0}[0-9A-Za-z])"  # a mark between two Latin letters or digits is none: 100~~200
_WAVES = _WITHIN.format("~~") + "~~"
_STRUCK = re.compile(r"(?<![\w~])~~(?![\s~])([^~\n]{1,500}?)(?<!\s)~~(?!~)")  # 亲~~欢迎~~ is a tone of voice
_STRUCK_PRICE = re.compile(rf"(?<!~){_WAVES}([¥￥$]?[\d.,]{{1,20}}元?)~~(?!~)")
_CODE = re.compile(r"(`{1,2})(?!`)([^`\n]{1,500}?)\1(?!`)")
_BREAK = re.compile(
    r"<(?:br|hr)\s*/?>|</(?:p|div|li|tr|h[1-6]|details|summary|blockquote|figure|figcaption|section|article|caption|dt|dd)>",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:a|b|i|u|s|p|em|strong|span|div|font|sup|sub|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|code|pre|center|del|mark"
    r"|details|summary|blockquote|figure|figcaption|section|article|caption|dl|dt|dd|tfoot|small|big|kbd|ins|strike|cite)"
    r"(?:\s[^<>\n]{0,500})?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,31}\d{0,2}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd]")
_GAPS = re.compile(r"\n{3,}")
# What most articles are made of. Nothing here is Markdown, LaTeX, a tag or an address, wherever it stands
_ORDINARY = re.compile(r"(?:[^\W_]|[ \n\u3000，。！？；：、“”‘’（）《》…—·,.!?:])*")
_ENDS = "。！？!?；;\n"


def without_thoughts(text: str) -> str:
    """The text without what was thought aloud, from wherever it began to wherever it ended."""
    said, place, thinks = list[str](), 0, False
    for mark in _THINKS.finditer(text):
        if not thinks:
            said.append(text[place : mark.start()])
        if mark["ends"] and not thinks:
            said.clear()  # it began before the text did
        if not mark["empty"]:
            thinks = not mark["ends"]
        place = mark.end()
    return "".join(said) + ("" if thinks else text[place:])


def plain(text: str) -> str:
    """The text as a customer may read it: no thoughts, no Markdown, no LaTeX; empty if nothing else is in it."""
    if _ORDINARY.fullmatch(text):
        return _GAPS.sub("\n\n", "\n".join(map(str.rstrip, text.split("\n")))).strip()
    text = without_hidden(without_thoughts(text.replace("\r\n", "\n")).strip("\n"))
    text = without_tags(_with_hidden(without_wrappers(text)))
    text = "\n".join(_lines(linked(_CITED.sub("", without_notes(text)))))
    text = without_thoughts(shown(text))  # it was in pieces
    text = _CONTROL.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return _GAPS.sub("\n\n", text).strip()


def cut(text: str, most: int = MOST_BYTES) -> str:
    """The text in at most so many bytes, ended where a sentence ends if one does near there."""
    if len(text.encode("utf-8", "replace")) <= most:
        return text
    short = text.encode("utf-8", "replace")[: most - len("…".encode())].decode("utf-8", "ignore")
    end = max(short.rfind(each) for each in _ENDS) + 1
    return (short[:end] if end > len(short) * 3 // 4 else short).rstrip() + "…"


def _with_hidden(text: str) -> str:
    """The text without fences, and with all that must stay as it is out of sight.

    That is what stood within fences, formulas, paths, what was escaped, links of WeCom's kind, and marks in addresses.
    """
    text = _without_fences(text)
    lines = with_lines(text)
    text = with_formulas(lines if lines == text else _without_fences(lines))
    text = _ANCHOR.sub(lambda found: hide(found[1]) + found[2] + hide(found[3]), text)
    text = _ADDRESS.sub(lambda found: _IN_ADDRESSES.sub(lambda each: hide(each[0]), found[0]), text)
    return _ESCAPED.sub(lambda found: hide(found[1]), text)


def _without_fences(text: str) -> str:
    fenced, lines = False, list[str]()
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        else:
            lines.append(hide(_CITED.sub("", line.rstrip())) if fenced else line)
    return "\n".join(lines)


def _lines(text: str) -> Iterator[str]:
    for line in in_lines(unbolded_over_lines(text).split("\n")):
        for piece in _BREAK.sub("\n", line).split("\n"):
            yield _line(piece).rstrip()


def _line(line: str) -> str:
    if _RULE.match(line):
        return ""
    line = _headline(_QUOTED.sub("", line))
    line = _BULLET.sub(r"\1· ", line)
    line = _AUTOLINK.sub(r"\1", _LINK.sub(_link, _IMAGE.sub(_link, line)))
    # what stands between backticks stands as it is, and stars in it are no emphasis: those parts are passed over
    pieces = _CODE.split(line)
    return "".join(_marked(piece) if place % 3 == 0 else piece for place, piece in enumerate(pieces) if place % 3 != 1)


def _headline(line: str) -> str:
    if not (mark := _HEADING.match(line)):
        return line
    title = line[mark.end() :].rstrip()
    shorter = title.rstrip("#")
    closes = shorter.endswith(" ") or (not mark[0].endswith(" ") and title.endswith("##"))
    return shorter.rstrip() if closes else title  # "## C#" keeps its own


def _marked(text: str) -> str:
    text = _STRUCK_PRICE.sub(_struck, _STRUCK.sub(_struck, unemphasised(_TAG.sub("", text))))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text).replace("\xa0", " ")


def _struck(found: re.Match[str]) -> str:
    """The old price, never run into the new one."""
    after = found.string[found.end() : found.end() + 1]
    return found[1] + (" " if after.isalnum() and after.isascii() else "")


def _link(found: re.Match[str]) -> str:
    text, target = found[2].strip(), found[3]
    if _NUMBER.fullmatch(text):  # a source's: only where it leads to says something
        return f"（{target}）" if _SHOWN.match(target) else ""
    if text.startswith("[") and text.endswith("]") and text.count("[") == 1:
        text = text[1:-1].strip()
    if _SHOWN.match(target):
        return target if text in ("", target) else f"{text}（{target}）"
    if not found[1] and target and not _ELSEWHERE.match(target):
        return found[0]  # [会员](九折) is no link
    return text
