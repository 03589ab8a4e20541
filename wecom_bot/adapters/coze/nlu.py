"""A tenant's own intent service: POST {base}/v1/nlu/predict. Coze has no such endpoint, though many believe it."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import add
from typing import Any

from wecom_bot.adapters.coze.circuits import CallCircuits
from wecom_bot.adapters.coze.client import PAUSE, usable
from wecom_bot.adapters.coze.codes import COZE_IS_NO_NLU, FailureKind
from wecom_bot.adapters.coze.envelope import whole
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.adapters.coze.persistence import Persistence
from wecom_bot.adapters.coze.wire import CozeWire, address
from wecom_bot.errors import Misconfigured
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.outbound.deadline import Deadline, Watchdog
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.usage import NOTHING, Usage
from wecom_bot.ports import CircuitBreaker

_PATH = "/v1/nlu/predict"
_COZE = (".coze.cn", ".coze.com")
_MOST_HOSTS = 1000  # base URLs that were changed since the start stay in memory, but not for ever


@dataclass(frozen=True, slots=True)
class Query:
    """What to ask: the text, whose model, and how many intents at most."""

    text: str
    project_key: str
    topk: int = 3


class NluClient:
    """Calls the services of all tenants, with a pool for each. Raises what CozeClient raises."""

    def __init__(
        self, pool: int, *, pause: timedelta = PAUSE, breaker: CircuitBreaker | None = None, egress: Egress = DIRECT
    ) -> None:
        """`pool` is how many calls go on at once with one service; `egress` is their way out."""
        self._egress = egress
        self._pool = pool
        self._persistence = Persistence(CallCircuits(breaker or LocalCircuitBreaker()), pause)
        self._wires: dict[str, CozeWire] = {}
        self._lock = threading.Lock()
        self._watchdog = Watchdog()

    def predict(self, base_url: str, token: str, query: Query, deadline: timedelta) -> dict[str, Any]:
        """The service's answer, as it gave it."""
        base_url = base_url.rstrip("/").removesuffix(_PATH)
        parts = address(base_url)
        if f".{parts.hostname}".endswith(_COZE):
            raise Misconfigured(COZE_IS_NO_NLU)
        # many services may live behind one host, each with its own health and its own tokens
        call = Call("NLU", "predict", parts.netloc + parts.path, query.project_key, usable(token))
        until = Deadline.after(deadline)
        body = {"q": query.text, "project_key": query.project_key, "topk": query.topk}

        def predict() -> dict[str, Any]:
            with self._wire(base_url).post(_PATH, call.token, body, until) as exchange:
                try:
                    return whole(exchange)
                except Failed as failure:
                    raise _explained(failure) from None

        return self._persistence(call, until, predict, self._persistence.harmless)

    def usage(self) -> Usage:
        """How the connections to all services are used."""
        return reduce(add, (wire.usage() for wire in [*self._wires.values()]), NOTHING)

    def _wire(self, base_url: str) -> CozeWire:
        with self._lock:
            if len(self._wires) > _MOST_HOSTS:
                for wire in self._wires.values():
                    wire.close()
                self._wires.clear()
            if base_url not in self._wires:
                self._wires[base_url] = CozeWire(base_url, self._pool, self._watchdog, self._egress)
            return self._wires[base_url]


def _explained(failure: Failed) -> Failed:
    """Coze behind another name answers 404 with code 4000; other 404s are the service's own. Codes are Coze's alone."""
    if failure.status == 404 and failure.code == 4000:  # noqa: PLR2004 - see above
        failure.kind, failure.hint = FailureKind.CONFIG, COZE_IS_NO_NLU
    elif failure.kind is FailureKind.AUTH:
        failure.hint = "意图服务拒绝了 nlu.token / the intent service refused nlu.token"
    elif failure.kind is FailureKind.CONFIG and failure.status:
        failure.hint = "请核对 nlu.base_url 与 nlu.project_key / check nlu.base_url and nlu.project_key"
    return failure
