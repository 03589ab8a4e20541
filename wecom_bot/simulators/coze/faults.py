"""Trouble on demand that any path may meet, in the place of an answer."""

from collections.abc import Callable
from typing import Any, get_args

from flask import Response

from wecom_bot.simulators.coze.answers import in_json
from wecom_bot.simulators.coze.refusals import new_logid, refusal
from wecom_bot.simulators.coze.schema import CozeFault, Gateway
from wecom_bot.simulators.trouble import Troubles, bad_gateway

Answer = tuple[Response, str]
"""An answer, and the word under which its call is counted."""

_TOKEN = "/api/permission/oauth2/token"  # noqa: S105 - a path
_GARBAGE = b'{"code":0,"da<html>\r\n<head><title>\x00\xff\xfe\xe4\xb8'
_LIMITED = 4009


class CozeFaults(Troubles[CozeFault]):
    """The queue of faults; a call meets the first live one that means it."""

    def take(self, path: str, of: str) -> CozeFault | None:
        """What a call of this path meets, about this bot, workflow or project."""
        return self.first(
            lambda fault: (fault.path == path or (fault.path == "*" and path != _TOKEN)) and fault.of in {"", of}
        )

    def apply(self, fault: CozeFault, perform: Callable[[], Answer], content_type: str) -> Answer:
        """The answer under a gateway's fault."""
        value = int(fault.value)
        match fault.kind:
            case "delay":
                self.wait(fault.value)
                return perform()
            case "code":
                return in_json(refusal(value, "", new_logid())), str(value)
            case "status" | "json_status":
                page = bad_gateway(value) if fault.kind == "status" else in_json({"message": "Internal Error"}, value)
                return page, f"http {value}"
            case "limited":
                answer = in_json(refusal(_LIMITED, "", new_logid()), 429)
                answer.headers["Retry-After"] = str(value)
                return answer, "http 429"
            case "garbage":
                return Response(_GARBAGE, content_type=content_type), "garbage"
        return self.broken_off(fault.value if fault.kind == "hang" else None), fault.kind


GATEWAY: frozenset[Any] = frozenset(get_args(Gateway))
"""The kinds that stand in the place of an answer; the others shape it."""
