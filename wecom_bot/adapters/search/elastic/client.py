"""The official client, with the house's manners: no wait without an end, no retry but on another node, no sniffing."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch

from wecom_bot.adapters.search.elastic.address import SearchAddress
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.node import PooledNode
from wecom_bot.ports import CircuitBreaker

_LONGEST_AWAY = 5.0  # seconds after which a node that did not answer is tried again


def connect(address: SearchAddress, timeout: timedelta, most: int, breaker: CircuitBreaker) -> Cluster:
    """The cluster at the address; nothing is called yet. `most` is how many calls go on at once to each node."""
    client = Elasticsearch(
        list(address.hosts),
        node_class=PooledNode,
        connections_per_node=most,
        request_timeout=timeout.total_seconds(),
        max_retries=max(1, len(address.hosts) - 1),  # a kept connection may have died, or its node
        retry_on_timeout=False,
        retry_on_status=(),
        max_dead_node_backoff=_LONGEST_AWAY,
        sniff_on_start=False,
        **_trust(address),
        **_login(address),
    )
    return Cluster(client, breaker, str(address), timeout)


def _trust(address: SearchAddress) -> dict[str, Any]:
    return {"ca_certs": address.trusts} if address.trusts else {}


def _login(address: SearchAddress) -> dict[str, Any]:
    login = address.login
    if login.api_key:
        return {"api_key": login.api_key}
    said = f"{login.user}:{login.password}".encode()  # the client itself takes ASCII only
    return {"basic_auth": b64encode(said).decode()} if login.user else {}
