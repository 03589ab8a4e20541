"""Files that nobody else on the machine may read, whatever the umask and whoever made the folder.

Our own files and folders are closed, never a data folder that was there before us: what else lies in it may be shared
on purpose, such as pictures that somebody else puts there.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO

UMASK = 0o077
"""For the processes that write for us alone."""

_OURS_ALONE = 0o600
_OTHERS = 0o077


def prepare(path: Path) -> None:
    """Make the file, empty, if it is not there yet, and close it to others if it is ours.

    What cannot be done is left: whoever opens the file then says better why.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OURS_ALONE))
    close(path)


def close(*paths: Path) -> None:
    """Take from others what these files and folders allow them, where they are ours."""
    for path in paths:
        with suppress(OSError):
            found = path.stat()
            if found.st_uid == os.geteuid() and found.st_mode & _OTHERS:
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)


def close_all(folder: Path) -> None:
    """The same for a folder that is ours, with all that is in it; links are not followed."""
    close(folder, *(path for path in folder.rglob("*") if not path.is_symlink()))


def append(path: Path) -> IO[bytes]:
    """The file, open to write at its end."""
    prepare(path)
    return path.open("ab")


def readers(path: Path) -> int | None:
    """The mode of a file that others can read; None for one that they cannot."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return mode if mode & _OTHERS else None
