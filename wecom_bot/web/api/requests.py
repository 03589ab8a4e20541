"""The requests that wait for a human, for a tenant's own system."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnprocessableEntity

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.request import Request
from wecom_bot.ports import Requests, Tenants
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_URL = "/tenants/<corp_id>/requests"
_MOST, _MANY = 100, 1000
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_OLDEST_FIRST = {"newest": False, "oldest": True}


def add(routes: Blueprint, tenants: Tenants, requests: Requests) -> None:
    """GET lists a tenant's requests, page by page; POST …/close says that somebody has seen to one."""

    @routes.get(_URL)
    def list_(corp_id: str) -> Response:
        open_only, most = _choice("open", "1", _FLAGS), _number("most", _MOST)
        oldest_first, after = _choice("order", "newest", _OLDEST_FIRST), _after()
        tenants.get(CorpId(corp_id))
        found = requests.list(CorpId(corp_id), open_only=open_only, most=most, oldest_first=oldest_first, after=after)
        return jsonify(requests=[_shown(each) for each in found])

    @routes.post(f"{_URL}/<request_id>/close")
    def close(corp_id: str, request_id: str) -> Response:
        tenants.get(CorpId(corp_id))
        requests.close(CorpId(corp_id), request_id)
        log.info("request.closed", corp_id=corp_id, request_id=request_id)
        return jsonify(request_id=request_id, closed=True)


def _shown(each: Request) -> dict[str, Any]:
    where = each.conversation
    return {
        "request_id": each.request_id,
        "reason": each.reason,
        "channel": where.channel.value,
        "account": where.account,
        "customer": where.customer,
        "words": each.words,
        "opened_at": each.opened_at.isoformat(),
        "closed_at": each.closed_at.isoformat() if each.closed_at else None,
        "trace_id": each.trace_id,
    }


def _choice(name: str, default: str, choices: Mapping[str, bool]) -> bool:
    given = request.args.get(name, default).lower()
    if given not in choices:
        raise UnprocessableEntity(
            f"{name} 应是其中之一：{'、'.join(choices)} / {name} should be one of {', '.join(choices)}"
        )
    return choices[given]


def _after() -> str | None:
    """The request to go on from; an empty one is refused: it would begin again for ever, and nobody would notice."""
    given = request.args.get("after")
    if given == "":
        raise UnprocessableEntity("after 应是一条请求的编号 / after should be the id of a request")
    return given


def _number(name: str, default: int) -> int:
    given = request.args.get(name, str(default))
    if not (given.isascii() and given.isdecimal() and len(given) <= len(str(_MANY)) and 1 <= int(given) <= _MANY):
        raise UnprocessableEntity(
            f"{name} 应是 1 到 {_MANY} 的整数 / {name} should be a whole number from 1 to {_MANY}"
        )
    return int(given)
