"""What WECOM_BOT_REDIS_URL says, taken apart and proved before anything connects."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from wecom_bot.errors import ConfigurationError

SETTING = "WECOM_BOT_REDIS_URL"

Topology = Literal["redis", "unix", "sentinel", "cluster"]

_SCHEMES: dict[str, tuple[Topology, bool]] = {
    "redis": ("redis", False),
    "rediss": ("redis", True),
    "unix": ("unix", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
_PORTS: dict[Topology, int] = {"redis": 6379, "unix": 0, "sentinel": 26379, "cluster": 6379}
_TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
# Options that shape replies (protocol, decode_responses) are not an operator's to choose: our adapters read replies.
_OPTIONS = (*_TLS_OPTIONS, "db", "sentinel_username", "sentinel_password")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the Redis is, and what to say at its door. `repr` holds no secret."""

    topology: Topology
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    path: str = ""  # unix: the socket
    service: str = ""  # sentinel: the master's name
    db: int = 0
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    options: dict[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        where = self.path or ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{self.topology} {where}{'/' + self.service if self.service else ''}"

    def tls_options(self) -> dict[str, str | bool]:
        """The ssl_* arguments of a redis-py connection: the certificate is checked unless the URL says otherwise."""
        given: dict[str, str | bool] = {name: self.options[name] for name in _TLS_OPTIONS if name in self.options}
        requirement = given.setdefault("ssl_cert_reqs", "required")
        check = str(given.get("ssl_check_hostname", requirement == "required"))
        given["ssl_check_hostname"] = check.lower() in {"true", "yes", "1"}
        return given


def parse(url: str) -> Address:
    """The address a URL names. Raises ConfigurationError, whose message holds no password."""
    if not url:
        raise _wrong(
            "没有设置；单机请用 `wecom-bot serve`，它自带 Valkey / not set; on one machine use `wecom-bot serve`"
        )
    parts = _split(url)
    if parts.scheme not in _SCHEMES:
        raise _wrong(f"应以 {' '.join(name + '://' for name in _SCHEMES)} 之一开头 / unknown scheme {parts.scheme!r}")
    topology, tls = _SCHEMES[parts.scheme]
    user, _, location = parts.netloc.rpartition("@")
    username, _, password = user.partition(":")
    places = [] if topology == "unix" else location.split(",")
    hosts = tuple(_host(text, number, topology) for number, text in enumerate(places, 1))
    options = _options(parts.query)
    if topology == "redis" and len(hosts) > 1:
        raise _wrong("多个主机请用 redis+sentinel:// 或 redis+cluster:// / several hosts need sentinel or cluster")
    path, service, db = _path(topology, parts, options)
    return Address(
        topology,
        tls,
        hosts,
        path=path,
        service=service,
        db=db,
        username=unquote(username) or None,
        password=unquote(password) or None,
        options=options,
    )


def _split(url: str) -> SplitResult:
    """The URL's parts. What is wrong is never quoted: it may be a piece of the password."""
    reserved = "密码里的 / ? # @ [ ] 要写成 %2F %3F %23 %40 %5B %5D / these must be percent-encoded in a password"
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _wrong(f"写法有误：IPv6 地址写作 [::1]；{reserved}") from None
    if "@" in parts.path + parts.query + parts.fragment:
        raise _wrong(f"@ 的位置不对：{reserved}; so must an @ that stands elsewhere")
    return parts


def _wrong(what: str) -> ConfigurationError:
    return ConfigurationError(f"{SETTING}: {what}")


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query))
    if unknown := [name for name in options if name not in _OPTIONS]:
        # after an & in a password its other half looks like an option
        said = "" if "password" in query else f" {unknown[0]}"
        raise _wrong(f"不认识的参数{said}，可用：{' '.join(_OPTIONS)} / unknown option{said}")
    return options


def _host(text: str, number: int, topology: Topology) -> tuple[str, int]:
    try:
        split = urlsplit(f"//{text}")
        host, port = split.hostname, split.port or _PORTS[topology]
    except ValueError:
        raise _wrong(
            f"第 {number} 个主机或端口有误，应像 redis://user:password@localhost:6379/0 / wrong host or port"
        ) from None
    if not host:
        raise _wrong("缺主机名，如 redis://localhost:6379/0 / no host")
    return host, port


def _path(topology: Topology, parts: SplitResult, options: dict[str, str]) -> tuple[str, str, int]:
    """The socket, the service and the database."""
    path = unquote(parts.path)
    number = options.get("db", "")
    if topology == "unix":
        if not path.startswith("/"):
            raise _wrong("unix:// 后要绝对路径，如 unix:///run/valkey.sock / an absolute path is needed")
        return path, "", _database(number)
    names = [name for name in path.split("/") if name]
    service = ""
    if topology == "sentinel":
        if not names:
            raise _wrong("缺主节点名，如 redis+sentinel://h1:26379,h2:26379/mymaster/0 / the master's name is missing")
        service = names.pop(0)
    if len(names) > 1:
        raise _wrong("路径多余，应只有 /库号 / the path has too many parts")
    db = _database(names[0] if names else number)
    if topology == "cluster" and db:
        raise _wrong("集群只有 0 号库 / a cluster has database 0 only")
    return "", service, db


def _database(text: str) -> int:
    if text and not text.isdecimal():
        raise _wrong("库号应是数字，如 redis://localhost:6379/0 / the database should be a number")
    return int(text or 0)
