"""The API of the tenants' own systems: JSON below /api/v1, for who holds the token."""

from dataclasses import dataclass

from flask import Blueprint, Response
from pydantic import SecretStr

from wecom_bot.ports import Requests, Tenants
from wecom_bot.web.api import answers, requests
from wecom_bot.web.api.access import refuse_strangers


@dataclass(frozen=True, slots=True)
class Api:
    """What the API is made of. Its token is one for all tenants: it is the operator's, not a tenant's."""

    token: SecretStr
    tenants: Tenants
    requests: Requests


def blueprint(api: Api) -> Blueprint:
    """All routes of the API, each behind the token."""
    routes = Blueprint("api", __name__, url_prefix="/api/v1")
    routes.before_request(lambda: refuse_strangers(api.token))
    routes.after_request(_keep_private)
    requests.add(routes, api.tenants, api.requests)
    answers.register(routes)
    return routes


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
