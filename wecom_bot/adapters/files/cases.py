"""Conversations and what must come of them, as JSON Lines: id, kind, said, and perhaps want, never, turn, note."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from wecom_bot.adapters.files.text import lines, open_text
from wecom_bot.domain.case import Case
from wecom_bot.errors import InvalidInput

_KEYS = frozenset({"id", "kind", "said", "want", "never", "turn", "note"})
_OF_TURN = frozenset({"handoff", "missed"})
_SHOWN = 40  # characters of a strange key


def read_cases(path: Path) -> Iterator[Case]:
    """Each case, its id in no other line. Raises InvalidInput."""
    known: set[str] = set()
    with open_text(path, lambda _: None) as text:
        for number, line in enumerate(lines(text), start=1):
            if not line.strip():
                continue
            where = f"{path.name} 第 {number} 行 / line {number}"
            try:
                case = _case(where, line)
            except ValueError as e:
                raise InvalidInput(f"{where}: {e}") from None
            if case.case_id in known:
                raise InvalidInput(f"{where}: id {case.case_id} 写了两次 / stands twice")
            known.add(case.case_id)
            yield case


def _case(where: str, line: str) -> Case:
    """Raises ValueError."""
    entry = _entry(line)
    if strange := sorted(set(entry) - _KEYS):
        raise ValueError(f"不认识的键 / unknown key: {strange[0][:_SHOWN]}")
    turn = _turn(entry)
    case = Case(
        where,
        _text(entry, "id"),
        _text(entry, "kind"),
        _texts(entry, "said"),
        _texts(entry, "want"),
        _texts(entry, "never"),
        turn.get("handoff"),
        turn.get("missed"),
        _text(entry, "note") if entry.get("note") else "",
    )
    if not case.said:
        raise ValueError("said 应至少有一句 / `said` should hold at least one turn")
    return case


def _entry(line: str) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict):
        raise ValueError("应是一个 JSON 对象 / should be a JSON object")  # noqa: TRY004 - the file's fault, no caller's
    try:
        json.dumps(entry, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("有半个字符，显示不了 / there is half a character in it, which nobody can be shown") from None
    return entry


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} 应是文字 / `{key}` should be a text")
    return value


def _texts(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ValueError(f"{key} 应是文字的列表 / `{key}` should be a list of texts")
    return tuple(value)


def _turn(entry: Mapping[str, object]) -> Mapping[str, bool]:
    value = entry.get("turn", {})
    if not isinstance(value, dict) or not all(
        key in _OF_TURN and isinstance(each, bool) for key, each in value.items()
    ):
        raise ValueError('turn 应是 / `turn` should be {"handoff": true|false, "missed": true|false}')
    return value
