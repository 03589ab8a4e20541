"""Tenants as TOML."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import tomli_w

from wecom_bot.errors import InvalidInput

MOST_BYTES = 32 * 1024 * 1024
"""Of a tenants' file: some thousand tenants."""


def read_document(path: Path) -> Mapping[str, object]:
    """What the file says, unproved. Raises InvalidInput."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(
                f"{path} 超过 {MOST_BYTES} 字节，请分成几个文件 / is too large: split it into several files"
            )
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as e:
        raise InvalidInput(f"{path} 不是 UTF-8 编码，请另存为 UTF-8 / save it as UTF-8") from e
    except ValueError as e:  # also a number of thousands of digits, which tomllib leaves to int
        raise InvalidInput(f"{path} 不是正确的 TOML / is not TOML: {e}") from e
    except RecursionError as e:
        raise InvalidInput(f"{path} 的括号嵌套太深，请检查并减少层数 / is nested too deeply: check its brackets") from e
    except OSError as e:
        raise InvalidInput(f"{path} 打不开 / cannot be read: {e.strerror}") from e


def write_document(document: Mapping[str, object]) -> str:
    """The document as a person would write it: a [[table]] for each entry, however short."""
    return "\n".join(_table("", document)).lstrip("\n")


def _table(name: str, table: Mapping[str, object]) -> Iterator[str]:
    """Not tomli_w alone: it writes a list of short tables on one line, where nobody can add to it."""
    inner = {key: value for key, value in table.items() if _tables(value)}
    yield tomli_w.dumps({key: value for key, value in table.items() if key not in inner})
    for key, value in inner.items():
        path = f"{name}.{key}" if name else key
        for each in _tables(value):
            yield f"[[{path}]]" if isinstance(value, list) else f"[{path}]"
            yield from _table(path, each)


def _tables(value: object) -> list[Mapping[str, object]]:
    if isinstance(value, Mapping):
        return [value]
    return value if isinstance(value, list) and all(isinstance(each, Mapping) for each in value) else []
