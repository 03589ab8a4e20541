"""Error answers in Coze's words; for codes that it never gives by itself see its list of error codes."""

import secrets
import time
from typing import Any

MESSAGES = {
    4000: "Request parameter error",
    4002: "Conversation does not exist or you do not have access to it",
    4003: "meta_data exceeds the limit",
    4004: "additional_messages exceeds the limit",
    4005: "Message does not exist or you do not have access to it",
    4007: "auto_save_history must be true when stream is false",
    4009: "The system has reached its request limit, please try again later",
    4013: "Model service error, please try again later",
    4014: "The question cannot be answered",
    4015: "The bot_id has not been published to the channel Agent As API",
    4016: "Conversation occupied: Another chat is currently active",
    4028: "You have used all of your free quota",
    4100: "authentication is invalid",
    4101: "The token you entered is incorrect",
    4104: "The chat cannot be cancelled",
    4200: "Requested resource does not exist",
    6003: "Asynchronous runs need a paid plan",
    700012006: "access token invalid",
}


class CozeRefusal(Exception):
    """A call is refused with this code and HTTP status."""

    def __init__(self, code: int, message: str = "", status: int = 200) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status


class ForeignError(Exception):
    """A call is refused in words that are not Coze's envelope: OAuth's, or those of the intent service."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body


def message(code: int) -> str:
    """What Coze says of a code."""
    return MESSAGES.get(code, f"error {code}")


def refusal(code: int, words: str, logid: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"code": code, "msg": words or message(code), "detail": {"logid": logid}}


def new_logid() -> str:
    """By which support finds a call."""
    return time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(10).upper()
