"""JSON Lines: an object in each line, with the names of our fields as its keys."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wecom_bot.adapters.files.form import Draft_co, Field, Form, Holds, shown, too_long
from wecom_bot.domain.draft import BadLine, Tally

_WANTED = {
    Holds.LIST: ("字符串的列表", "a list of strings"),
    Holds.OBJECTS: ("对象的列表", "a list of objects"),
    Holds.FLAG: (" true 或 false", "true or false"),
}


def read(lines: Iterable[str], form: Form[Draft_co], tally: Tally | None = None) -> Iterator[Draft_co | BadLine]:
    """What each line says."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _draft(number, line, form, tally or Tally())


def write(said: Mapping[str, object]) -> str:
    """One line, from which `read` makes the same."""
    return json.dumps(said, ensure_ascii=False)


def _draft(number: int, line: str, form: Form[Draft_co], tally: Tally) -> Draft_co | BadLine:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as e:
        return BadLine(number, f"不是正确的 JSON / not JSON: {e}")
    if not isinstance(entry, dict):
        return BadLine(number, "每行应是一个 JSON 对象 / every line should be one JSON object")
    said: dict[str, str | Sequence[str]] = {}
    for key, value in entry.items():
        field = form.field(key)
        if field is None:
            return BadLine(number, f"不认识的键 {shown(key)}，只有 {form.names} / unknown key")
        if field.name in said:
            return BadLine(number, f"{field.name} 写了两次 / {field.name} stands twice")
        proved = _value(field, value)
        if proved is None or too_long(key, proved):
            return BadLine(number, _flaw(field, key, proved))
        said[field.name] = proved
    return form.draft(number, said, tally)


def _flaw(field: Field, key: str, proved: str | Sequence[str] | None) -> str:
    if proved is not None:
        return too_long(key, proved) or ""
    chinese, english = _WANTED.get(field.holds, ("字符串", "a string"))
    return f"{key} 应是{chinese} / {key} should be {english}"


def _value(field: Field, value: object) -> str | Sequence[str] | None:
    """The value as the field holds it, or None where it cannot."""
    match field.holds, value:
        case holds, None if not field.needed:
            return () if holds is Holds.LIST else ""
        case Holds.OBJECTS, list() | str():
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        case Holds.LIST, list() if all(isinstance(phrase, str) for phrase in value):
            return value
        case (Holds.ID | Holds.SAID, int()) | (Holds.FLAG, bool()) if isinstance(value, bool) is (
            field.holds is Holds.FLAG
        ):
            return str(value)
        case ((Holds.ID | Holds.SAID | Holds.TEXT | Holds.MOMENT | Holds.FLAG), str()):
            return value
        case _:
            return None
