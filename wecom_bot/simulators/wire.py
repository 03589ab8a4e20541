"""Calls to the control API, typed; how the client asks, apart from what it asks."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast

import requests
from pydantic import BaseModel, TypeAdapter
from requests.adapters import HTTPAdapter

from wecom_bot.errors import InvalidInput, Unknown

_T = TypeVar("_T")
_Asked = Mapping[str, Any] | BaseModel
_PATIENCE = 10.0  # seconds for an answer, on top of what it was asked to wait
_REFUSALS = {400: InvalidInput, 404: Unknown}


class ControlWire:
    """Kept-alive connections to one simulator. Every call may raise Unknown or InvalidInput."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us
        self._session.mount("http://", HTTPAdapter(pool_maxsize=128))

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def tell(self, action: str, asked: _Asked) -> None:
        """Do the action; there is no answer."""
        self._request("POST", action, asked, 0.0)

    def ask(self, shape: type[_T], method: str, action: str, asked: _Asked, wait: float = 0.0) -> _T:
        """The answer, in that shape; `wait` is how many seconds it was asked to take."""
        answer: _T = _adapter(cast("Any", shape)).validate_json(self._request(method, action, asked, wait))
        return answer

    def _request(self, method: str, action: str, asked: _Asked, wait: float) -> bytes:
        body = asked.model_dump(mode="json") if isinstance(asked, BaseModel) else asked
        answer = self._session.request(
            method,
            f"{self._base_url}/_sim/{action}",
            params=body if method == "GET" else None,
            json=body if method == "POST" else None,
            timeout=wait + _PATIENCE,
        )
        if answer.status_code in _REFUSALS:
            raise _REFUSALS[answer.status_code](f"{action}: {answer.text}")
        answer.raise_for_status()
        return answer.content


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type, or list[type], which is none to mypy
    return TypeAdapter(shape)
