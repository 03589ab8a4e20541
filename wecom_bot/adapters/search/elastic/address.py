"""What WECOM_BOT_SEARCH_URL and the settings beside it say, taken apart and proved before anything connects."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from wecom_bot.errors import ConfigurationError

SETTING = "WECOM_BOT_SEARCH_URL"

_SHAPE = "应形如 / it should look like http://es1:9200,es2:9200 或 / or https://search.example.com:443/path"


@dataclass(frozen=True, slots=True)
class Login:
    """What is said at its door; nothing where it asks for none. `repr` holds no secret."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SearchAddress:
    """Where the cluster is. `trusts` is a file of certificates, those that everybody trusts where it is empty."""

    hosts: tuple[str, ...]
    login: Login
    trusts: str = ""

    @classmethod
    def parse(cls, url: str, login: Login, ca: Path | None = None) -> "SearchAddress":
        """What the settings mean. Raises ConfigurationError, which names the setting and quotes no secret."""
        first, *others = (each.strip().rstrip("/") for each in url.split(","))
        scheme = first.partition("://")[0]
        hosts = [_proved(each if "://" in each else f"{scheme}://{each}", scheme) for each in (first, *others)]
        if others and any(urlsplit(each).path for each in hosts):
            raise ConfigurationError(f"{SETTING}: 有路径就只能有一台主机 / a path goes with one host only; {_SHAPE}")
        return cls(tuple(hosts), _proved_login(login), _proved_ca(ca, scheme))

    def __str__(self) -> str:
        return ",".join(self.hosts)


def _proved(url: str, scheme: str) -> str:
    try:
        parts = urlsplit(url)
        right = parts.scheme == scheme and scheme in {"http", "https"} and parts.hostname and parts.port
    except ValueError:
        right = None
    if not right or "@" in url or parts.query or parts.fragment:
        raise ConfigurationError(f"{SETTING}: 每台都要协议、主机和端口 / each needs scheme, host and port; {_SHAPE}")
    return url


def _proved_login(login: Login) -> Login:
    if login.api_key and (login.user or login.password):
        raise ConfigurationError(
            "WECOM_BOT_SEARCH_API_KEY: 与用户名密码只能选一种 / choose either the API key or user and password"
        )
    if bool(login.user) != bool(login.password):
        raise ConfigurationError(
            "WECOM_BOT_SEARCH_USER、WECOM_BOT_SEARCH_PASSWORD: 要么都写，要么都不写 / set both, or neither"
        )
    if not all(each.isprintable() and each.isascii() for each in (login.api_key, login.user)) or " " in login.api_key:
        raise ConfigurationError(
            "WECOM_BOT_SEARCH_API_KEY、WECOM_BOT_SEARCH_USER: 只能是一行可见字符；API key 要用 encoded 那一串"
            " / one line of visible characters; of an API key its `encoded` form"
        )
    return login


def _proved_ca(ca: Path | None, scheme: str) -> str:
    if ca is None:
        return ""
    if scheme != "https":
        raise ConfigurationError(f"WECOM_BOT_SEARCH_CA: {SETTING} 是 http，用不着 / is of use with https alone")
    try:
        ssl.create_default_context(cafile=str(ca))
    except OSError as e:  # ssl.SSLError is one
        raise ConfigurationError(
            f"WECOM_BOT_SEARCH_CA: {ca} 读不了，或不是 PEM 证书 / cannot be read, or is no certificate in PEM"
            f" ({type(e).__name__})"
        ) from e
    return str(ca)
