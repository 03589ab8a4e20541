"""Answers in JSON, as Coze sends them."""

import json

from flask import Response

from wecom_bot.simulators.coze.refusals import new_logid


def in_json(body: object, status: int = 200) -> Response:
    """The answer, with a log id of its own."""
    answer = Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8")
    answer.headers["X-Tt-Logid"] = new_logid()
    return answer
