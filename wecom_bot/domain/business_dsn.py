"""Where a tenant's own database is: proved before anything connects. No message holds a piece of the password."""

import re
from urllib.parse import parse_qsl

_SHAPE = (
    "应形如 mysql+pymysql://用户:密码@主机:3306/库名"
    " / it should look like mysql+pymysql://user:password@host:3306/database"
)
_SCHEME = "mysql+pymysql"
_UNESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=%-]")
_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:?#\[\]@]*)(?::(?P<port>[0-9]{1,5}))?/(?P<database>[^\s/?#@]+)")
_OPTIONS = frozenset({"charset", "ssl_ca", "ssl_cert", "ssl_key", "ssl_check_hostname", "unix_socket"})
_CHARSET = "utf8mb4"  # the driver escapes what is bound for the character set of the connection


def prove_dsn(dsn: str) -> None:
    """Return if it is one that we connect to. Raises ValueError, which says what to do and quotes nothing secret."""
    scheme, separator, rest = dsn.partition("://")
    if not separator or scheme != _SCHEME:
        raise ValueError(f"只支持 MySQL 与 MariaDB，{_SHAPE}")
    said, at, behind = rest.rpartition("@")
    if not at:
        raise ValueError(f"没有用户和密码，{_SHAPE}")
    user, _, password = said.partition(":")
    _prove_escaped(user, "用户名", "user")
    _prove_escaped(password, "密码", "password")
    place, _, options = behind.partition("?")
    if not user or _PLACE.fullmatch(place) is None:
        raise ValueError(_SHAPE)
    _prove_options(options)


def _prove_escaped(text: str, chinese: str, english: str) -> None:
    """The character alone is told, which is not what a password is made of."""
    if found := _UNESCAPED.search(text):
        each = found[0]
        escaped = "".join(f"%{byte:02X}" for byte in each.encode("utf-8", "replace"))
        raise ValueError(
            f"{chinese}里的 {each!r} 要写成 {escaped}（@ → %40，/ → %2F，: → %3A，# → %23，? → %3F，% → %25）"
            f" / write {escaped} for {each!r} in the {english}: it must be percent-encoded"
        )


def _prove_options(options: str) -> None:
    for name, value in parse_qsl(options, keep_blank_values=True):
        if name not in _OPTIONS:
            raise ValueError(
                f"不认识的选项 {name[:40]!r} / unknown option；只能是 / there may be: {', '.join(sorted(_OPTIONS))}"
            )
        if name == "charset" and value != _CHARSET:
            raise ValueError(f"charset 只能是 {_CHARSET}，可以不写 / charset can only be {_CHARSET}: leave it out")
