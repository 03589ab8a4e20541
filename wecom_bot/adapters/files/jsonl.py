"""Articles as JSON Lines: {"id": ..., "question": ..., "similar": [...], "answer": ...}."""

import json
from collections.abc import Iterable, Iterator

from wecom_bot.adapters.files.columns import tidy
from wecom_bot.domain.draft import ArticleDraft, BadLine

_KEYS = ("id", "question", "similar", "answer")


def read(lines: Iterable[str]) -> Iterator[ArticleDraft | BadLine]:
    """What each line says."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _draft(number, line)


def write(article_id: str, question: str, similar: tuple[str, ...], answer: str) -> str:
    """One line, from which `read` makes the same article."""
    return json.dumps(
        {"id": article_id, "question": question, "similar": list(similar), "answer": answer}, ensure_ascii=False
    )


def _draft(number: int, line: str) -> ArticleDraft | BadLine:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as e:
        return BadLine(number, f"不是正确的 JSON / not JSON: {e}")
    if not isinstance(entry, dict):
        return BadLine(number, "每行应是一个 JSON 对象 / every line should be one JSON object")
    if unknown := sorted(entry.keys() - set(_KEYS)):
        return BadLine(number, f"不认识的键 {'、'.join(unknown)}，只有 {'、'.join(_KEYS)} / unknown keys")
    article_id, similar = entry.get("id", ""), entry.get("similar") or []
    if isinstance(article_id, int) and not isinstance(article_id, bool):
        article_id = str(article_id)
    if not isinstance(similar, list) or not all(isinstance(phrase, str) for phrase in similar):
        return BadLine(number, "similar 应是字符串的列表 / similar should be a list of strings")
    question, answer = entry.get("question", ""), entry.get("answer", "")
    for key, value in (("id", article_id), ("question", question), ("answer", answer)):
        if not isinstance(value, str):
            return BadLine(number, f"{key} 应是字符串 / {key} should be a string")
    return ArticleDraft(
        number,
        tidy(article_id),
        tidy(question),
        tidy(answer),
        tuple(phrase for phrase in map(tidy, similar) if phrase),
    )
