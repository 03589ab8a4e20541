"""The wire that every part of the client shares."""

from typing import Any

from wecom_bot.simulators.wire import ControlWire


class Driver:
    """Asks and tells one simulator over its control API. Every call may raise Unknown or InvalidInput."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        wire = ControlWire(self.base_url)
        self._tell, self._ask, self.close = wire.tell, wire.ask, wire.close


def where(corp_id: str, account: str, customer: str) -> dict[str, Any]:
    """A conversation, as orders name it."""
    return {"corp_id": corp_id, "account": account, "customer": customer}
