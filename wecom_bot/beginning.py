"""The start of a process that stays: its settings, and the log that they ask for."""

import os
from functools import lru_cache
from pathlib import Path

from wecom_bot.environment import PREFIX, drop_service_links
from wecom_bot.settings import Settings, load, tell_links
from wecom_bot.telemetry import logs

_ENV_FILE = Path(".env")
_PREFIXES = (PREFIX, "COZE_")  # the token has a name of its own


def begin(**flags: object) -> Settings:
    """`settings.load` for a process that stays: from here on it logs as they say. Raises ConfigurationError.

    Where nothing has changed since a process that forked us has begun they are not read again: that costs a process
    four megabytes of its own.
    """
    links = drop_service_links(os.environ)
    loaded = load(_ENV_FILE, **flags) if flags else _of(_state())
    logs.configure(loaded.log_format, loaded.log_level)
    tell_links(links)
    return loaded


@lru_cache(maxsize=1)
def _of(_state: frozenset[object]) -> Settings:
    return load(_ENV_FILE)


def _state() -> frozenset[object]:
    """All that they are read from, and how it is now."""
    said: set[object] = {(name, value) for name, value in os.environ.items() if name.upper().startswith(_PREFIXES)}
    try:
        file = _ENV_FILE.stat()
    except OSError:
        return frozenset(said)
    return frozenset(said | {(file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns)})
