"""Links and notes whose other half stands elsewhere in the text, as [words][1] and `[1]: https://…`."""

import re
from collections.abc import Mapping

_LABEL = r"[^\[\]\n^]{1,100}"
_DEFINITION = re.compile(
    rf"^[ ]{{0,3}}\[({_LABEL})\][:：][ \t]{{0,5}}<?((?:https?://|mailto:|tel:)[^\s<>]{{1,2000}})>?"
    r"(?:[ \t]{1,5}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|\([^()\n]{0,200}\)))?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_CODE = r"(?P<code>`[^`\n]{1,500}`)"
_REFERENCE = re.compile(rf"{_CODE}|(?P<words>!?\[[^\[\]\n]{{0,500}}\])(?:\[(?P<label>[^\[\]\n]{{0,100}})\])?(?![(:：])")
_NOTE = re.compile(
    r"^[ ]{0,3}\[\^(?P<label>[^\]\s]{1,50})\][:：](?P<words>[^\n]*(?:\n(?:[ ]{2,12}|\t)[^\s][^\n]*){0,20})\n?",
    re.MULTILINE,
)
_NOTED = re.compile(r"\[\^([^\]\s]{1,50}?)\^?\]")
_ONLY_SOURCE = re.compile(
    r"(?:(?:资料|内容|数据|信息)?来源|出处|参考(?:资料|文献)?|参见|参阅|引用|引自|摘自|资料|文档|知识库|详见|见|source|references?|ref|see)"
    r"(?:\s*[:：]\s*[^。！？!?]{1,200}|\s*(?:《[^》\n]{1,100}》|https?://\S{1,2000}|www\.\S{1,2000})|$)"
    r"|[^\s:：，,。；;！？!?]{1,100}\.(?:pdf|docx?|xlsx?|pptx?|md|txt|html?|csv|jsonl?)(?:\s?第?\s?\d{1,4}\s?页)?"
    r"|《[^》\n]{1,100}》(?:\s?第\s?[\d一二三四五六七八九十百]{1,6}\s?[章节条页款])?"
    r"|[^\[\]。；;！？!?\n]{1,100}\]\(<?(?:https?://|www\.)\S{1,2000}"
    r"|(?:https?://|www\.)\S{1,2000}",
    re.IGNORECASE,
)


def linked(text: str) -> str:
    """The text with each link's address beside its words, as [words](address).

    A definition goes once its address stands elsewhere; a bare [1] is left, and the line it leads to with it.
    """
    targets = dict[str, str]()
    for defined in _DEFINITION.finditer(text):
        targets.setdefault(_key(defined[1]), defined[2])
    if not targets:
        return text
    said, place, used, needed = list[str](), 0, set[str](), set[str]()
    while found := _REFERENCE.search(text, place):
        label, end = _label(found, targets)
        said += [text[place : found.start()], found["code"] or found["words"]]
        if label in targets and end == found.end("words") and label.isdecimal():
            needed.add(label)
        elif label in targets:
            used.add(label)
            said.append(f"(<{targets[label]}>)")
        place = end
    gone = used - needed
    text = "".join(said) + text[place:]
    return _DEFINITION.sub(lambda found: "" if _key(found[1]) in gone else found[0], text)


def _label(found: re.Match[str], targets: Mapping[str, str]) -> tuple[str, int]:
    """Which definition is meant, and where the reference ends: of [1][2] and [a][b] each may stand by itself."""
    if found["code"]:
        return "", found.end()
    named = _key(found["words"].lstrip("!")[1:-1])
    if found["label"] is not None:
        label = _key(found["label"]) or named
        if label in targets and not (named.isdecimal() and label.isdecimal()):
            return label, found.end()
    return named, found.end("words")


def _key(label: str) -> str:
    return " ".join(label.split()).casefold()


def without_notes(text: str) -> str:
    """A note that only names its source goes; one that says something stays, as words of its own."""
    labels = {found["label"].rstrip("^") for found in _NOTE.finditer(text)}
    if not labels:
        return text
    text = _NOTE.sub(_note, text)
    return _NOTED.sub(lambda found: "" if found[1] in labels else found[0], text)


def _note(found: re.Match[str]) -> str:
    words = " ".join(found["words"].split())
    return f"注：{words}\n" if words and not _ONLY_SOURCE.fullmatch(words.strip("[]()<> ")) else ""
