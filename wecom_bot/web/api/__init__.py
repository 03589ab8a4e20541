"""The API of the tenants' own systems: JSON below /api/v1, for who holds the token."""

from dataclasses import dataclass

from flask import Blueprint, Response
from pydantic import SecretStr

from wecom_bot.service.operation.operation import Operation
from wecom_bot.web.api import answers, articles, tickets, turns
from wecom_bot.web.api.access import let_in


@dataclass(frozen=True, slots=True)
class Api:
    """What the API is made of: the verbs, and the token. It is one for all tenants: the operator's, not a tenant's.

    `writes`: whoever holds the token may change what customers are told.
    """

    token: SecretStr
    operation: Operation
    writes: bool = False


def blueprint(api: Api) -> Blueprint:
    """All routes of the API, each behind the token."""
    routes = Blueprint("api", __name__, url_prefix="/api/v1")
    routes.before_request(lambda: let_in(api.token, writes=api.writes))
    routes.after_request(_keep_private)
    tickets.add(routes, api.operation)
    turns.add(routes, api.operation)
    articles.add(routes, api.operation)
    answers.register(routes)
    return routes


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
