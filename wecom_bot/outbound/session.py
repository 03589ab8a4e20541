"""requests, for what is seldom called: sessions that obey a HardDeadline and nothing of the machine they run on."""

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from wecom_bot.outbound.connections import PlainConnection, TlsConnection
from wecom_bot.outbound.egress import DIRECT, Egress

_HOSTS = 4  # for which connections are kept


def session(pool: int, egress: Egress = DIRECT) -> requests.Session:
    """A session whose calls go on `pool` at once, and which keeps no cookie."""
    made = requests.Session()
    made.trust_env = False  # a .netrc of the machine is none of our neighbours' business, and our proxy is a setting
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = DeadlineAdapter(egress, pool_connections=_HOSTS, pool_maxsize=pool, max_retries=0)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class DeadlineAdapter(HTTPAdapter):
    """The adapter of requests whose connections obey the HardDeadline around them, and go out by `egress`."""

    def __init__(self, egress: Egress, **kwargs: Any) -> None:  # noqa: ANN401 - as requests has it
        self._egress = egress
        super().__init__(**kwargs)

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override] # noqa: ANN401 - as above
        return super().send(request, **kwargs | {"proxies": self._egress.proxies(request.url or "")})

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:  # noqa: ARG002 - there is one
        return self._egress.headers()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS
