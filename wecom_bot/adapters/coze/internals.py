"""What Coze, its models and our own prompt may leave in an answer, and no customer may see."""

import json
import re

from wecom_bot.adapters.coze.envelope import parsed

_MOST_TRIES = 20
_BLOCK = re.compile(
    r"【参考资料：商家知识库.*?(?:【参考资料完】?|\Z)|【参考资料[^完】][^】]{0,60}】.*?【参考资料完】|【参考资料完】",
    re.DOTALL,
)
_INNER = r"[^|｜<>\n]"
_CALL = re.compile(
    rf"<[|｜]{_INNER}{{0,40}}call{_INNER}{{0,40}}begin[|｜]>.*?(?:<[|｜]{_INNER}{{0,40}}call{_INNER}{{0,40}}end[|｜]>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_MARK = re.compile(rf"<[|｜]{_INNER}{{0,80}}[|｜]>")
_RECALLED = re.compile(r"recall slice \d{1,4}.*?(?=\n[ \t]*\n|\Z)", re.DOTALL | re.IGNORECASE)
_SOURCE = re.compile(r"【\d{1,4}:(?!\d)[^】\n]{0,100}】")  # 【3:来源】; 【10:00-18:00】 are hours
_URL = re.compile(r"(?:https?://|(?:www\.)?coze\.(?:cn|com)/)[^\s()（）<>，。；]{1,2000}", re.IGNORECASE)
_DEBUG = ("execute_id=", "debug_url")
_FENCED = re.compile(r"```+[ \t]*([A-Za-z]{0,20})\s*([\[{][^`]*)(?:```+|\Z)")
_NOTE = re.compile(r'\\{0,3}"msg_type\\{0,3}"')


def without_internals(text: str) -> str:
    """Without notes, calls of functions, slices of knowledge, debug links, JSON in fences, and echoes of our prompt."""
    for pattern in (_BLOCK, _CALL, _MARK, _RECALLED, _SOURCE):
        text = pattern.sub("", text)
    text = _URL.sub(lambda url: "" if any(each in url[0].lower() for each in _DEBUG) else url[0], text)
    return _without_notes(_FENCED.sub(_unless_json, text))


def is_programs(text: str) -> bool:
    """Whether all of it is JSON: then a program speaks, not a person."""
    text = text.strip()
    if isinstance(value := parsed(text), str):
        return value != text and is_programs(value)
    if value is not None:
        return isinstance(value, dict | list)
    for _ in range(_MOST_TRIES):  # one object after another
        if not text.startswith(("{", "[")) or (end := _end(text, 0)) is None:
            return False
        text = text[end:].lstrip(" \t\n,;")
        if not text:
            return True
    return False


def _unless_json(fence: re.Match[str]) -> str:
    cut_off = fence[1].lower() == "json" and not fence[0].endswith("```")
    return "" if cut_off or is_programs(fence[2]) else fence[0]


def _without_notes(text: str) -> str:
    """Without objects that hold a msg_type, which Coze writes to itself; one that was cut off goes to the end."""
    place = 0
    while note := _NOTE.search(text, place):
        begins = _braces_before(text, note.start())
        whole = ((begin, end) for begin in begins if (end := _end(text, begin)) is not None and end > note.start())
        begin, end = next(whole, (begins[-1] if begins else note.end(), len(text)))
        if begins:
            text = text[:begin] + text[end:]
        place = begin
    return text


def _braces_before(text: str, place: int) -> list[int]:
    """Where objects may begin before this place, the outermost first."""
    begins: list[int] = []
    while len(begins) < _MOST_TRIES and (place := text.rfind("{", 0, place)) >= 0:
        begins.append(place)
    return begins[::-1]


def _end(text: str, begin: int) -> int | None:
    """Where the JSON value that begins here ends."""
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None
    return end
