"""What Coze, its models and our own prompt may leave in an answer, and no customer may see."""

import json
import re

from wecom_bot.adapters.coze.envelope import parsed
from wecom_bot.adapters.coze.seal import without_echoes

_MOST_TRIES = 20
_MOST_READ = 8  # times the text's length, in looking for objects: what is more entangled is no answer
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
# Nothing is given back, and a run of backticks is tried from its first alone: else each would be tried with all others
_FENCED = re.compile(r"(?<!`)`{3,}+[ \t]*+([A-Za-z]{0,20}+)\s*+([\[{][^`]*+)(?:`{3,}+|\Z)")
_DECODER = json.JSONDecoder(strict=False)
_NOTE = re.compile(r'\\{0,3}"msg_type\\{0,3}"')


def without_internals(text: str) -> str:
    """Without notes, calls of functions, slices of knowledge, debug links, JSON in fences, and echoes of our prompt."""
    text = without_echoes(text)
    for pattern in (_CALL, _MARK, _RECALLED, _SOURCE):
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
        if not text.startswith(("{", "[")) or (end := _end(text, 0)[0]) is None:
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
    objects, kept, place = _Objects(text), list[str](), 0
    while note := _NOTE.search(text, place):
        begins = objects.begins(place, note.start())
        whole = ((begin, end) for begin in begins if (end := objects.end(begin)) is not None and end > note.start())
        begin, end = next(whole, (begins[-1] if begins else note.end(), len(text)))
        kept.append(text[place:begin])
        place = end if begins else begin
    return "".join((*kept, text[place:]))


class _Objects:
    """Where the JSON objects in a text end: each is read once, and all of them no more often than a few times."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[int, int | None] = {}
        self._left = _MOST_READ * len(text)

    def begins(self, first: int, last: int) -> list[int]:
        """Where objects may begin between these places, the outermost first; none that is far out."""
        begins: list[int] = []
        while len(begins) < _MOST_TRIES and (last := self._text.rfind("{", first, last)) >= 0:
            begins.append(last)
        return begins[::-1]

    def end(self, begin: int) -> int | None:
        """Where the object that begins here ends."""
        if begin not in self._ends and self._left > 0:
            self._ends[begin], read = _end(self._text, begin)
            self._left -= read
        return self._ends.get(begin)


def _end(text: str, begin: int) -> tuple[int | None, int]:
    """Where the JSON value that begins here ends, and how many characters it took to see that."""
    try:
        _, end = _DECODER.raw_decode(text, begin)
    except json.JSONDecodeError as e:
        return None, max(1, e.pos - begin)
    except (ValueError, RecursionError):
        return None, len(text) - begin
    return end, end - begin
