"""What stands in the environment and in `.env`: settings, Kubernetes' Services, other programs' proxies."""

import re
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from pathlib import Path

from dotenv import dotenv_values

from wecom_bot.errors import ConfigurationError

PREFIX = "WECOM_BOT_"
ENCODING = "utf-8-sig"  # UTF-8, also where an editor put its mark first, which would hide the first setting

_ADDRESS = r"[0-9A-Fa-f.:]+"
_NUMBER = r"\d{1,5}"
_LINK = rf"(?:tcp|udp|sctp)://(?:\[{_ADDRESS}\]|{_ADDRESS}):{_NUMBER}"
_OF_PORT = rf"_PORT_{_NUMBER}_(?:TCP|UDP|SCTP)"
_SERVICE_LINKS = tuple(
    (re.compile(rf"WECOM_BOT(?:_[A-Z0-9_]+)?{name}"), re.compile(value))
    for name, value in (
        ("_SERVICE_HOST", _ADDRESS),
        ("_SERVICE_PORT(?:_[A-Z0-9_]+)?", _NUMBER),
        ("_PORT", _LINK),
        (_OF_PORT, _LINK),
        (f"{_OF_PORT}_PROTO", "tcp|udp|sctp"),
        (f"{_OF_PORT}_PORT", _NUMBER),
        (f"{_OF_PORT}_ADDR", _ADDRESS),
    )
)
"""The names that a Service called `wecom-bot`, or anything that begins so, puts into every pod beside it, and the forms
of their values: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
"""

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def drop_service_links(environment: MutableMapping[str, str]) -> Sequence[str]:
    """Take out what Kubernetes says of Services that are named like us; the names, in order.

    Out of the environment itself, so that no process that we start meets them again.
    """
    found = sorted(name for name, value in environment.items() if _is_service_link(name, value))
    for name in found:
        del environment[name]
    return found


def _is_service_link(name: str, value: str) -> bool:
    return any(named.fullmatch(name) and meant.fullmatch(value) for named, meant in _SERVICE_LINKS)


def proxies(environment: Mapping[str, str]) -> Sequence[str]:
    """Which of the variables that other programs take for their proxy are set."""
    return [name for name in environment if name.upper() in _PROXIES and environment[name]]


def written_in(env_file: Path) -> Collection[str]:
    """The names in the file. Raises ConfigurationError, which says nothing of the values."""
    try:
        return dotenv_values(env_file, encoding=ENCODING)
    except UnicodeDecodeError as e:
        line = e.object[: e.start].count(b"\n") + 1
        raise ConfigurationError(
            f"{env_file}: 第 {line} 行不是 UTF-8，请另存为 UTF-8 / line {line} is not UTF-8: save the file as UTF-8"
        ) from None
    except OSError as e:
        raise ConfigurationError(f"{env_file}: 打不开 / cannot be read: {e.strerror or e}") from e
