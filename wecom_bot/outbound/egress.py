"""The way out: through the company's proxy where one is set, except to what lies on this side of it.

HTTPS goes through a CONNECT tunnel, so that the proxy sees no token; plain HTTP is handed to the proxy to forward.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import unquote, urlsplit

_SHAPE = (
    "应形如 http://用户:密码@主机:端口，密码里的 % 要写成 %25"
    " / it should look like http://user:password@host:port, with %25 for a % in the password"
)
_REFUSALS = {
    407: "出口代理不认用户名或密码：请改 WECOM_BOT_EGRESS_PROXY（http://用户:密码@主机:端口）"
    " / the egress proxy wants other credentials: change WECOM_BOT_EGRESS_PROXY",
    403: "出口代理不放行这个地址：请在代理上允许它，或写进 WECOM_BOT_EGRESS_DIRECT"
    " / the egress proxy lets nobody through to this host: allow it there, or name it in WECOM_BOT_EGRESS_DIRECT",
    405: "这个代理不许 CONNECT：请核对 WECOM_BOT_EGRESS_PROXY"
    " / this proxy takes no CONNECT: check WECOM_BOT_EGRESS_PROXY",
}
PROXY_WANTS_CREDENTIALS = 407

Network = IPv4Network | IPv6Network


def advice(status: int | None) -> str | None:
    """What an operator should do when the proxy answers so; None where it may let us through in a moment."""
    return _REFUSALS.get(status or 0)


@dataclass(frozen=True, slots=True)
class Egress:
    """Where calls go out. `repr` holds no password."""

    proxy: str = ""
    credentials: str = field(default="", repr=False)
    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, proxy: str, direct: str) -> "Egress":
        """From the two settings. Raises ValueError, which quotes neither of them."""
        named, networks = _direct(direct)
        credentials, place = _proxy(proxy) if proxy else ("", "")
        return cls(place, credentials, named, networks)

    def proxies(self, url: str) -> Mapping[str, str]:
        """The proxies for this URL, as requests takes them: none where it is called directly."""
        if not self.proxy or self._is_direct((urlsplit(url).hostname or "").lower()):
            return {}
        return {"http": self.proxy, "https": self.proxy}

    def headers(self) -> dict[str, str]:
        """What is said to the proxy, and to nobody else."""
        if not self.credentials:
            return {}
        return {"Proxy-Authorization": "Basic " + b64encode(self.credentials.encode()).decode()}

    def _is_direct(self, host: str) -> bool:
        if any(host == each or (each.startswith(".") and host.endswith(each)) for each in self.hosts):
            return True
        try:
            address = ip_address(host)
        except ValueError:  # names are not looked up: the proxy may be the only one who can
            return False
        return any(address in network for network in self.networks)


DIRECT = Egress()


def _proxy(url: str) -> tuple[str, str]:
    """Credentials and place. The last @ ends the credentials, so a password may hold whatever it likes but a %."""
    scheme, _, rest = url.partition("://")
    said, _, place = rest.removesuffix("/").rpartition("@")
    user, _, password = said.partition(":")
    parts = urlsplit(f"//{place}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if scheme != "http" or not parts.hostname or not port or parts.netloc != place:
        raise ValueError(_SHAPE)
    return (f"{unquote(user)}:{unquote(password)}" if said else ""), f"http://{place}"


def _direct(listed: str) -> tuple[tuple[str, ...], tuple[Network, ...]]:
    hosts: list[str] = []
    networks: list[Network] = []
    for each in filter(None, (part.strip().lower() for part in listed.split(","))):
        try:
            networks.append(ip_network(each.strip("[]")))
        except ValueError:
            if set("/:@*") & set(each):
                raise ValueError(
                    "应是逗号隔开的主机名、.后缀或网段，如 / it should be host names, .suffixes and networks,"
                    " with commas between them: coze.internal,.corp.example,10.0.0.0/8"
                ) from None
            hosts.append(each)
    return tuple(hosts), tuple(networks)
