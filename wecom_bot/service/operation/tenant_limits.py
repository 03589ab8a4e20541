"""How much a tenant's file may say of one tenant. Asked at the import alone: what is stored already goes on working."""

from collections.abc import Iterator, Mapping

LONGEST_TEXT = 4_000
"""Characters of any one text: a phrase, a reply, a welcome, a name."""

MOST_OF = {"intents": 500, "slots": 50, "queries": 200, "apps": 200, "kf_accounts": 2_000}
"""Entries of these lists."""

MOST_ENTRIES = 10_000
"""Entries of any other list or table: words, examples, servicers."""

MOST_CHARACTERS = 2_000_000
"""Characters of all texts of a tenant."""


def excesses(entry: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What of a tenant's entry is too much: where, as `.intents[0].reply`, and what to do."""
    total = 0
    for path, name, value in _values("", "", entry):
        if isinstance(value, str):
            total += len(value)
            if len(value) > LONGEST_TEXT:
                yield path, f"有 {len(value)} 字，最多 {LONGEST_TEXT}，请缩短 / too long: at most {LONGEST_TEXT}"
        elif isinstance(value, list | dict) and len(value) > (most := MOST_OF.get(name, MOST_ENTRIES)):
            yield path, f"有 {len(value)} 项，最多 {most}，请删减 / too many: at most {most}"
    if total > MOST_CHARACTERS:
        yield "", f"共 {total} 字，最多 {MOST_CHARACTERS}，请删减 / too much in all: at most {MOST_CHARACTERS}"


def _values(path: str, name: str, value: object) -> Iterator[tuple[str, str, object]]:
    yield path, name, value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _values(f"{path}.{key}", str(key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _values(f"{path}[{number}]", "", inner)
