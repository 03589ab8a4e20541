"""Articles in files: an id, a question, other ways to ask it, the answer, and what is shown beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

from wecom_bot.adapters.files import jsonl, lines
from wecom_bot.adapters.files.form import Entry, Field, Form, Holds
from wecom_bot.adapters.files.text import Progress
from wecom_bot.domain.attachments import dumped
from wecom_bot.domain.draft import ArticleDraft, BadLine, Tally
from wecom_bot.domain.knowledge import Article


def read_articles(path: Path, progress: Progress, tally: Tally | None = None) -> Iterator[ArticleDraft | BadLine]:
    """What each line of a JSONL, CSV or XLSX file says; the tally is told what was changed. Raises InvalidInput."""
    return lines.read(path, _FORM, progress, tally)


def write_article(article: Article) -> str:
    """The article as a line of JSONL."""
    said: dict[str, object] = {
        "id": article.article_id,
        "question": article.question,
        "similar": article.similar,
        "answer": article.answer,
    }
    if article.attachments:
        said["attachments"] = json.loads(dumped(article.attachments))
    if article.careful:
        said["careful"] = True
    if article.tags:
        said["tags"] = article.tags
    said |= {
        name: moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")
        for name, moment in (("valid_from", article.valid_from), ("valid_until", article.valid_until))
        if moment
    }
    return jsonl.write(said)


def _draft(entry: Entry) -> ArticleDraft:
    texts = entry.texts
    return ArticleDraft(
        entry.line,
        texts["id"],
        texts["question"],
        texts["answer"],
        entry.lists["similar"],
        texts["attachments"],
        texts["careful"],
        entry.sheet,
        entry.lists["tags"],
        texts["valid_from"],
        texts["valid_until"],
    )


_FORM = Form(
    (
        Field("id", ("编号",), Holds.ID),
        Field("question", ("问题", "标准问", "标准问题")),
        Field("similar", ("相似问", "相似问题", "相似问法"), Holds.LIST, needed=False),
        Field("answer", ("答案", "回答")),
        Field("attachments", ("附件",), Holds.OBJECTS, needed=False),
        Field("careful", ("谨慎",), Holds.FLAG, needed=False),
        Field("tags", ("标签",), Holds.LIST, needed=False),
        Field("valid_from", ("生效", "生效日期", "开始日期"), needed=False),
        Field("valid_until", ("失效", "失效日期", "截止日期", "有效期至"), needed=False),
    ),
    _draft,
)
