"""Conversations and what must come of them, as JSON Lines: id, kind, said, and perhaps want, never, turn, note."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from wecom_bot.adapters.files.text import lines, open_text
from wecom_bot.domain.case import Case
from wecom_bot.errors import InvalidInput

Wrong = Callable[[str], InvalidInput]

_KEYS = frozenset({"id", "kind", "said", "want", "never", "turn", "note"})
_OF_TURN = frozenset({"handoff", "missed"})


def read_cases(path: Path) -> Iterator[Case]:
    """Each case, its id in no other line. Raises InvalidInput."""
    known: set[str] = set()
    with open_text(path, lambda _: None) as text:
        for number, line in enumerate(lines(text), start=1):
            if not line.strip():
                continue
            case = _case(number, line, lambda why, at=number: refused(path, at, why))  # type: ignore[misc]
            if case.case_id in known:
                raise refused(path, number, f"id {case.case_id} 写了两次 / stands twice")
            known.add(case.case_id)
            yield case


def refused(path: Path, number: int, why: str) -> InvalidInput:
    """What is wrong with a line, and where it is."""
    return InvalidInput(f"{path.name} 第 {number} 行 / line {number}: {why}")


def _case(number: int, line: str, wrong: Wrong) -> Case:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict):
        raise wrong("应是一个 JSON 对象 / should be a JSON object")
    if strange := sorted(set(entry) - _KEYS):
        raise wrong(f"不认识的键 / unknown key: {strange[0][:40]}")
    said = _texts(entry, "said", wrong)
    if not said:
        raise wrong("said 应至少有一句 / `said` should hold at least one turn")
    turn = _turn(entry, wrong)
    return Case(
        number,
        _text(entry, "id", wrong),
        _text(entry, "kind", wrong),
        said,
        _texts(entry, "want", wrong),
        _texts(entry, "never", wrong),
        turn.get("handoff"),
        turn.get("missed"),
        _text(entry, "note", wrong) if entry.get("note") else "",
    )


def _text(entry: Mapping[str, object], key: str, wrong: Wrong) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"{key} 应是文字 / `{key}` should be a text")
    return value


def _texts(entry: Mapping[str, object], key: str, wrong: Wrong) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise wrong(f"{key} 应是文字的列表 / `{key}` should be a list of texts")
    return tuple(value)


def _turn(entry: Mapping[str, object], wrong: Wrong) -> Mapping[str, bool]:
    value = entry.get("turn", {})
    if (
        not isinstance(value, dict)
        or set(value) - _OF_TURN
        or not all(isinstance(each, bool) for each in value.values())
    ):
        raise wrong('turn 应是 / `turn` should be {"handoff": true|false, "missed": true|false}')
    return value
