"""The addresses from which WeCom calls back (getcallbackip)."""

from collections.abc import Mapping, Sequence
from ipaddress import collapse_addresses, ip_network
from itertools import takewhile

from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Network

API = "getcallbackip"
_BYTES = 4
_LEAST = {4: 16, 6: 32}  # bits by version: whoever admits a wider network admits the world
_SCOPE = "%"  # of an IPv6 address, after which anything may follow
_SHOWN = 40  # characters of an entry that cannot be read


class WecomCallers:
    """Implements ports.CallerSource."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def fetch(self, corp_id: CorpId, app: str) -> Sequence[Network]:
        answer = self._clients.of(corp_id, app).call(API)
        listed = answer.get("ip_list") if isinstance(answer, Mapping) else None
        if not isinstance(listed, list) or not listed:
            raise TemporaryFailure(f"WeCom answered {API} without addresses")
        return networks(listed)


def networks(entries: Sequence[object]) -> Sequence[Network]:
    """The networks of a list of WeCom's: sorted, none within another. Raises TemporaryFailure.

    One entry that cannot be read spoils the list: without it WeCom itself might be kept out.
    """
    found = [_network(each) for each in entries]
    fourth = collapse_addresses(each for each in found if each.version == 4)  # noqa: PLR2004 - of IP
    sixth = collapse_addresses(each for each in found if each.version == 6)  # noqa: PLR2004
    return [*fourth, *sixth]


def _network(entry: object) -> Network:
    try:
        found = ip_network(_without_stars(str(entry).strip()))
    except ValueError:
        found = None
    if found is None or found.prefixlen < _LEAST[found.version] or _SCOPE in str(found):
        raise TemporaryFailure(
            f"{API} 里有一项不像地址，或宽得谁都放进来 / an entry is no address, or lets everybody in:"
            f" {str(entry)[:_SHOWN]!r}"
        )
    return found


def _without_stars(text: str) -> str:
    """101.226.103.* as 101.226.103.0/24; what has no star as it is."""
    parts = text.split(".")
    fixed = list(takewhile(lambda part: part != "*", parts))
    if "*" not in text or len(parts) != _BYTES or set(parts[len(fixed) :]) != {"*"}:
        return text
    return ".".join([*fixed, *["0"] * (_BYTES - len(fixed))]) + f"/{8 * len(fixed)}"
