"""The articles of a tenant, one at a time, for its own system."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import PreconditionRequired, UnprocessableEntity

from wecom_bot.domain.attachments import dumped
from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.domain.knowledge import ArticleVersion
from wecom_bot.domain.message import CorpId
from wecom_bot.service.operation.operation import Operation
from wecom_bot.web.api.access import actor
from wecom_bot.web.api.asked import FLAGS, choice

_URL = "/tenants/<corp_id>/articles/<path:article_id>"  # an id may hold slashes
_NONE = "none"  # in a draft: no more of it, where an empty text leaves what there was
_LONGEST = 18  # digits of a version


class _Body(BaseModel):
    """An article as a caller writes it: what is left out is not in it any more."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str
    answer: str
    similar: list[str] = []
    attachments: list[dict[str, str]] = []
    careful: bool = False
    tags: list[str] = []
    valid_from: str | None = None
    valid_until: str | None = None

    def draft(self, article_id: str) -> ArticleDraft:
        """The same, for who proves it."""
        return ArticleDraft(
            1,
            article_id.strip(),
            self.question.strip(),
            self.answer.strip(),
            tuple(filter(None, map(str.strip, self.similar))),
            json.dumps(self.attachments) if self.attachments else "",
            str(self.careful),
            "",
            tuple(filter(None, map(str.strip, self.tags))) or (_NONE,),
            self.valid_from or _NONE,
            self.valid_until or _NONE,
        )


def add(routes: Blueprint, operation: Operation) -> None:
    """GET gives an article with its version as ETag; PUT replaces the one of that version."""

    @routes.get(_URL)
    def show(corp_id: str, article_id: str) -> Response:
        return _answer(operation.show_article(actor(), CorpId(corp_id), article_id))

    @routes.put(_URL)
    def save(corp_id: str, article_id: str) -> Response:
        expected = _expected()
        draft = _body().draft(article_id)
        allowed = choice("allow_duplicates", "0", FLAGS)
        saved = operation.save_article(actor(), CorpId(corp_id), draft, expected=expected, allow_duplicates=allowed)
        return _answer(saved, status=200 if expected else 201)


def _expected() -> int:
    """The version that the caller has seen, 0 for none. Raises PreconditionRequired, UnprocessableEntity."""
    if request.if_none_match.star_tag:
        return 0
    tags = list(request.if_match.as_set(include_weak=True))  # a proxy that compresses makes them weak
    if not tags:
        raise PreconditionRequired(
            '需要 If-Match: "版本"（GET 给出的 ETag），新增用 If-None-Match: *'
            " / send If-Match with the ETag that GET gave, or If-None-Match: * for a new article"
        )
    if len(tags) > 1 or not (tags[0].isascii() and tags[0].isdecimal() and len(tags[0]) <= _LONGEST):
        raise UnprocessableEntity("If-Match 应是一个版本 / If-Match should be one version")
    return int(tags[0])


def _body() -> _Body:
    """What the caller sent. Raises UnprocessableEntity with the places that are wrong, never with what stands there."""
    try:
        return _Body.model_validate_json(request.get_data())
    except ValidationError as e:
        where = sorted({".".join(map(str, error["loc"])) or "JSON" for error in e.errors(include_input=False)})
        raise UnprocessableEntity(
            f"正文应是条目的 JSON，这些不对 / the body should be an article in JSON; wrong: {', '.join(where)[:500]}"
        ) from e


def _answer(version: ArticleVersion, status: int = 200) -> Response:
    answer = jsonify(_shown(version))
    answer.status_code = status
    answer.set_etag(str(version.revision))
    return answer


def _shown(version: ArticleVersion) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "article_id": version.article_id,
        "version": version.revision,
        "author": version.author,
        "saved_at": version.saved_at.isoformat(),
    }
    if (article := version.article) is not None:
        shown |= {
            "question": article.question,
            "answer": article.answer,
            "similar": article.similar,
            "attachments": json.loads(dumped(article.attachments)),
            "careful": article.careful,
            "tags": article.tags,
            "valid_from": article.valid_from.isoformat() if article.valid_from else None,
            "valid_until": article.valid_until.isoformat() if article.valid_until else None,
        }
    return shown
