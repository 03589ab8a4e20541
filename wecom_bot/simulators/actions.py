"""The control API of a simulator, under /_sim/: tests, demo and benchmarks drive what is simulated through it.

JSON, and from loopback only. One route and a table of actions, each with the shape of what it is asked: a JSON object
in a POST, query fields in a GET.
"""

from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from werkzeug.exceptions import Forbidden, MethodNotAllowed, NotFound

from wecom_bot.errors import InvalidInput, Unknown

Action = tuple[str, type[BaseModel], Callable[[Any, Any], object]]
"""The method of its request, the shape of what it is asked, and what is done: `perform(control, asked)`."""


def blueprint(control: object, actions: Mapping[str, Action]) -> Blueprint:
    """The pages that do these actions to `control`."""
    pages = Blueprint("control", __name__, url_prefix="/_sim")
    pages.before_request(from_here_only)

    @pages.route("/<action>", methods=["GET", "POST"])
    def do(action: str) -> Response:
        if action not in actions:
            raise NotFound
        method, shape, perform = actions[action]
        if request.method != method:
            raise MethodNotAllowed([method])
        try:
            asked = request.args.to_dict() if method == "GET" else request.get_json(silent=True) or {}
            return _answer(perform(control, shape.model_validate(asked)))
        except Unknown as e:
            return _answer({"error": str(e)}, 404)
        except InvalidInput as e:
            return _answer({"error": str(e)}, 400)
        except ValidationError as e:
            return _answer({"error": str(e)}, 400)

    return pages


def from_here_only() -> None:
    """Whoever is elsewhere gets nothing: the control can read what customers say."""
    address = ip_address(request.remote_addr or "::")
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_loopback:
        raise Forbidden


def _answer(body: object, status: int = 200) -> Response:
    return Response(to_json(body), status, content_type="application/json; charset=UTF-8")
