"""The tickets of a tenant, for its own system; their public name is requests."""

from typing import Any

from flask import Blueprint, Response, jsonify

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.ticket import Ticket
from wecom_bot.service.operation.operation import Operation
from wecom_bot.web.api.access import actor
from wecom_bot.web.api.asked import FLAGS, choice, cursor, number

_URL = "/tenants/<corp_id>/requests"
_OLDEST_FIRST = {"newest": False, "oldest": True}


def add(routes: Blueprint, operation: Operation) -> None:
    """GET lists a tenant's tickets, page by page; POST …/close says that somebody has seen to one."""

    @routes.get(_URL)
    def list_(corp_id: str) -> Response:
        page = operation.list_tickets(
            actor(),
            CorpId(corp_id),
            open_only=choice("open", "1", FLAGS),
            most=number("most", 100),
            oldest_first=choice("order", "newest", _OLDEST_FIRST),
            after=cursor(),
            whole=True,  # who calls back needs the number
        )
        return jsonify(requests=[_shown(each) for each in page.items], next=page.after)

    @routes.post(f"{_URL}/<request_id>/close")
    def close(corp_id: str, request_id: str) -> Response:
        operation.close_ticket(actor(), CorpId(corp_id), request_id)
        return jsonify(request_id=request_id, closed=True)


def _shown(each: Ticket) -> dict[str, Any]:
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
