"""Who uses the API."""

import hmac
from typing import Final

from flask import g, request
from pydantic import SecretStr
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from wecom_bot.service.operation.actor import Actor, EveryTenant, Role

_HOLDER: Final = Actor("api", Role.SYSTEM, EveryTenant())
_WRITER: Final = Actor("api", Role.AUTHOR, EveryTenant())


def actor() -> Actor:
    """Who asks, once they were let in."""
    asking: Actor = g.actor
    return asking


def let_in(token: SecretStr, *, writes: bool = False) -> None:
    """Note who asks: the holder of the token. Raises Unauthorized without any, Forbidden with another one."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Unauthorized(
            "需要 Authorization: Bearer <WECOM_BOT_API_TOKEN> / send the API token as a Bearer token",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "wecom-bot"}),
        )
    # in constant time: how long a refusal takes must not tell how much of a guess was right
    if not hmac.compare_digest(_bytes(given.token), _bytes(token.get_secret_value())):
        raise Forbidden("令牌不对 / this is not the API token")
    g.actor = _WRITER if writes else _HOLDER


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
