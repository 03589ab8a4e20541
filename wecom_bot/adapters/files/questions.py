"""Questions with the article that answers each, as JSON Lines: `query`, and `gold` or null; other keys are nobody's."""

import json
from collections.abc import Iterator
from pathlib import Path

from wecom_bot.adapters.files.text import lines, open_text
from wecom_bot.errors import InvalidInput


def read_questions(path: Path) -> Iterator[tuple[str, str | None]]:
    """Each question, and its article's id; None where no article answers it. Raises InvalidInput."""
    with open_text(path, lambda _: None) as text:
        for number, line in enumerate(lines(text), start=1):
            if line.strip():
                yield _question(path, number, line)


def _question(path: Path, number: int, line: str) -> tuple[str, str | None]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _refused(path, number, "应是一个 JSON 对象 / should be a JSON object")
    query, gold = said.get("query"), said.get("gold")
    if not isinstance(query, str) or not query.strip():
        raise _refused(path, number, "query 应是问题 / `query` should be the question")
    if gold is not None and (not isinstance(gold, str) or not gold):
        raise _refused(path, number, "gold 应是条目编号或 null / `gold` should be an article's id, or null")
    return query, gold


def _refused(path: Path, number: int, why: str) -> InvalidInput:
    return InvalidInput(f"{path.name} 第 {number} 行 / line {number}: {why}")
