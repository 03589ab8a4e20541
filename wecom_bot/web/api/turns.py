"""The turns of a tenant's customers, for its own system."""

from typing import Any

from flask import Blueprint, Response, jsonify

from wecom_bot.domain.message import CorpId
from wecom_bot.ports import ToldTurn
from wecom_bot.service.operation.operation import Operation
from wecom_bot.web.api.access import actor
from wecom_bot.web.api.asked import FLAGS, choice, cursor, number


def add(routes: Blueprint, operation: Operation) -> None:
    """GET lists the turns of one customer, page by page."""

    @routes.get("/tenants/<corp_id>/customers/<customer>/turns")
    def list_customer_turns(corp_id: str, customer: str) -> Response:
        page = operation.list_customer_turns(
            actor(),
            CorpId(corp_id),
            customer,
            most=number("most", 20),
            after=cursor(),
            whole=choice("full", "0", FLAGS),
        )
        return jsonify(turns=[_shown(each) for each in page.items], next=page.after)


def _shown(each: ToldTurn) -> dict[str, Any]:
    where = each.conversation
    return {
        "turn_id": each.turn_id,
        "channel": where.channel.value,
        "account": where.account,
        "customer": where.customer,
        "began_at": each.began_at.isoformat(),
        "words": each.words,
        "reply": each.reply,
        "intent": each.intent,
        "handoff": each.handoff,
        "answered": each.answered,
        "trace_id": each.trace_id,
    }
