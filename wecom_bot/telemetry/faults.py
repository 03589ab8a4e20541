"""Crash points: places where a test may let the process die as if it had been killed.

Armed by the setting `crash_point` (POINT:MARKER_FILE). The process dies once: it writes the marker file first, and
with the file there the point is passed. With `asked:FOLDER` every point is armed whose name is a file in there, and
whoever dies takes the file away first. With `stall:WORDS` it stands still instead, whenever it answers a message that
holds the words. Nothing is armed by default, and then a point costs one comparison.
"""

import os
import signal
from pathlib import Path
from typing import Literal, get_args

from wecom_bot.errors import ConfigurationError

Point = Literal[
    "after_put", "after_lease", "after_thinking", "after_storing", "after_send", "before_mark", "after_mark"
]

_armed: tuple[str, Path] | None = None
_stalls_at = ""


def arm(crash_point: str) -> None:
    """Arm one point, or none by an empty string. Raises ConfigurationError."""
    global _armed, _stalls_at  # noqa: PLW0603 - one process dies once
    _stalls_at = ""
    if not crash_point:
        _armed = None
        return
    point, _, marker = crash_point.partition(":")
    if point == "stall" and marker:
        _armed, _stalls_at = None, marker
        return
    if point not in (*get_args(Point), "asked") or not marker:
        raise ConfigurationError(f"WECOM_BOT_CRASH_POINT should be POINT:MARKER_FILE, POINT one of {get_args(Point)}")
    _armed = (point, Path(marker))


def stall(text: str) -> None:
    """Compute for ever, if this text is what that is armed for."""
    while _stalls_at and _stalls_at in text:
        pass


def crash(point: Point) -> None:
    """Die here, by SIGKILL, if this point is armed and did not kill us before."""
    if _armed is None:
        return
    armed, path = _armed
    if (armed == "asked" and _taken(path / point)) or (armed == point and _made(path)):
        os.kill(os.getpid(), signal.SIGKILL)


def _taken(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


def _made(file: Path) -> bool:
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
