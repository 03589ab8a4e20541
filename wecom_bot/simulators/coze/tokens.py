"""Who calls, and how a caller without leave is told so; and OAuth tokens for JWTs, whose signature is not checked."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from wecom_bot.simulators.coze.refusals import CozeRefusal, ForeignError
from wecom_bot.simulators.coze.schema import TokenSpec
from wecom_bot.simulators.coze.world import CozeToken, CozeWorld

_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE, _LONGEST_LIFE = 900, 86399
_INVALID = 700012006


def name_of(world: CozeWorld, token: str) -> str:
    """The name of the token that called, "" if it is not known."""
    known = world.tokens.get(token)
    return known.spec.name if known else ""


def prove_for_chat(world: CozeWorld, token: str, bot_id: str) -> None:
    """/v3/chat refuses on HTTP 200, and a bot that is not there before a token that is wrong. Raises CozeRefusal."""
    if not token:
        raise CozeRefusal(4101)
    world.bot(bot_id)
    known = world.tokens.get(token)
    if known is None:
        raise CozeRefusal(4101)
    if known.until <= time.time():
        raise CozeRefusal(4100)
    if not _allows(known, bot_id):
        raise CozeRefusal(4101, "You do not have permission to access the requested resource")


def prove(world: CozeWorld, token: str, of: str) -> None:
    """Every other path refuses on HTTP 401. Raises CozeRefusal."""
    known = world.tokens.get(token)
    if known is None or known.until <= time.time():
        raise CozeRefusal(_INVALID, status=401)
    if of and not _allows(known, of):
        raise CozeRefusal(4101, "You do not have permission to access the requested resource", status=401)


def prove_for_project(world: CozeWorld, token: str, project_key: str) -> None:
    """The intent service is not Coze, and has words of its own. Raises ForeignError."""
    known = world.tokens.get(token)
    if known is None or known.until <= time.time():
        raise ForeignError(401, {"error": "invalid token"})
    if not _allows(known, project_key):
        raise ForeignError(403, {"error": "this token is not for that project"})


def _allows(token: CozeToken, of: str) -> bool:
    return not token.spec.allows or of in token.spec.allows


def expire(world: CozeWorld, token: str) -> None:
    """End the life of a token, or of all."""
    for key, known in world.tokens.items():
        if token in {"", key}:
            known.until = 0.0


def grant(world: CozeWorld, jwt: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A new token; `expires_in` is the moment of its end, not its life. Raises ForeignError."""
    if body.get("grant_type") != _GRANT_TYPE:
        raise _refused("unsupported_grant_type", 400)
    claims = _claims(jwt)
    if claims["jti"] in world.used_jwts:
        raise _refused("invalid_request", 400, "the JWT was used before")
    life = body.get("duration_seconds", _LIFE)
    if not isinstance(life, int) or not 0 < life <= _LONGEST_LIFE:
        raise _refused("invalid_request", 400, "duration_seconds")
    world.used_jwts.add(claims["jti"])
    token, until = f"czs_{secrets.token_urlsafe(48)}", int(time.time()) + life
    world.tokens[token] = CozeToken(TokenSpec(token=token, name=str(claims["iss"])), until)
    return {"access_token": token, "expires_in": until}


def _claims(jwt: str) -> dict[str, Any]:
    """What a JWT says that has all that Coze wants, and is not over. Raises ForeignError."""
    try:
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in jwt.split(".")[:2])
        right = _is_signed(jwt, head) and _is_complete(claims) and claims["iat"] < claims["exp"] > time.time()
    except (ValueError, KeyError, TypeError) as e:
        raise _refused("invalid_client", 401) from e
    if not right:
        raise _refused("invalid_client", 401)
    return dict(claims)


def _is_signed(jwt: str, head: Mapping[str, Any]) -> bool:
    """Whether it says by which key, and there is a signature."""
    _, _, signature = jwt.split(".")
    return head["alg"] == "RS256" and head["typ"] == "JWT" and bool(head["kid"]) and bool(signature)


def _is_complete(claims: Mapping[str, Any]) -> bool:
    named = all(isinstance(claims[name], str) and claims[name] for name in ("iss", "aud", "jti"))
    return named and "/" not in claims["aud"]


def _refused(code: str, status: int, words: str = "") -> ForeignError:
    return ForeignError(status, {"error_code": code, "error_message": words or code.replace("_", " ")})
