"""Trouble on demand: what the next calls of an API meet instead of, or after, being performed."""

from collections.abc import Callable

from flask import Response

from wecom_bot.simulators.trouble import Troubles, bad_gateway
from wecom_bot.simulators.wecom.schema import WecomFault

Answer = Callable[[], Response]

_GARBAGE = '{"errcode":0,"errms<html>\r\n<head><title>\x00\ufffd'


class WecomFaults(Troubles[WecomFault]):
    """The queue of faults; a call meets the first live one that means it."""

    def take(self, api: str, corp_id: str) -> WecomFault | None:
        """What a call of this API by this corp meets."""
        return self.first(
            lambda fault: (
                (fault.api == api or (fault.api == "*" and api != "gettoken")) and fault.corp_id in {"", corp_id}
            )
        )

    def apply(self, fault: WecomFault, perform: Answer, refuse: Callable[[int], Response]) -> tuple[Response, str]:
        """The answer under this fault, and the word under which the call is counted ("" for that of the answer)."""
        if fault.kind == "delay":
            return self._delayed(fault, perform), ""
        if fault.performed:
            perform()
        if fault.kind == "errcode":
            return refuse(int(fault.value)), str(int(fault.value))
        if fault.kind == "status":
            return bad_gateway(int(fault.value)), f"http {int(fault.value)}"
        if fault.kind == "garbage":
            return Response(_GARBAGE, content_type="application/json; charset=UTF-8"), "garbage"
        return self.broken_off(fault.value if fault.kind == "hang" else None), fault.kind

    def _delayed(self, fault: WecomFault, perform: Answer) -> Response:
        answer = perform() if fault.performed else None
        self.wait(fault.value)
        return answer or perform()
