"""Where the embedded Valkey of a folder listens: the same for the one who starts it and for whoever looks for it."""

import hashlib
import os
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from wecom_bot.errors import ConfigurationError

_NAME = "valkey.sock"
# The kernel takes 108 bytes on Linux, 104 on macOS.
_MOST_BYTES = 100
_OURS_ALONE = 0o700


def url(folder: Path) -> str:
    """The value for WECOM_BOT_REDIS_URL that leads to the Valkey of this folder, running or not."""
    return f"unix://{quote(str(path(folder)))}"


def path(folder: Path) -> Path:
    """Its socket: in the folder or, if that path is too long for a socket, in a private folder named after it."""
    usual = folder.resolve() / _NAME
    return usual if len(os.fsencode(usual)) <= _MOST_BYTES else _elsewhere(folder) / _NAME


def is_open(folder: Path) -> bool:
    """Whether anybody listens there: a server that was killed leaves its socket behind."""
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(os.fsencode(path(folder))) == 0


def prepare(folder: Path) -> Path:
    """The socket's path, in a folder that exists and that nobody else can enter. Raises ConfigurationError."""
    place = path(folder)
    if place.parent != folder.resolve():
        place.parent.mkdir(mode=_OURS_ALONE, exist_ok=True)
        found = place.parent.lstat()
        private = found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) == _OURS_ALONE
        if not (stat.S_ISDIR(found.st_mode) and private):
            raise ConfigurationError(
                f"WECOM_BOT_DATA: 路径太长，而 {place.parent} 被别人占用，请换短一些的数据目录 / use a shorter path"
            )
    return place


def remove(folder: Path) -> None:
    """Leave no socket behind, nor its folder if we made one."""
    place = path(folder)
    place.unlink(missing_ok=True)
    if place.parent != folder.resolve():
        with suppress(OSError):
            place.parent.rmdir()


def _elsewhere(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"wecom-bot-{os.getuid()}-{digest}"
