"""A process and all below it: which they are, the CPU time they have had, and the memory they hold."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_PROC = Path("/proc")
_ENDED = ("Z", "X")
_KINDS = (("valkey-server", "valkey"), ("gunicorn", "gateway"), ("wecom_bot worker", "worker"))
"""Words of a command line, and what a process with them is; any other is the supervisor."""


def below(root: int) -> list[int]:
    """The process and all its descendants that live."""
    children: dict[int, list[int]] = {}
    for pid in (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()):
        if (fields := _stat(pid)) and fields[0] not in _ENDED:
            children.setdefault(int(fields[1]), []).append(pid)
    found = [root]
    for pid in found:  # which grows meanwhile
        found += children.get(pid, [])
    return found


def lives(pid: int) -> bool:
    """Whether the process runs; one that only waits for somebody to take note of its end does not."""
    return bool(fields := _stat(pid)) and fields[0] not in _ENDED


def kind(command_line: str) -> str:
    """What a process of ours is, by its command line."""
    return next((name for words, name in _KINDS if words in command_line), "supervisor")


def cpu_by_kind(root: int) -> dict[str, float]:
    """Seconds of CPU that each kind of process below (and with) this one has had so far."""
    had: dict[str, float] = {}
    for pid in below(root):
        if fields := _stat(pid):
            name, ticks = kind(_command_line(pid)), int(fields[11]) + int(fields[12])
            had[name] = had.get(name, 0) + ticks / os.sysconf("SC_CLK_TCK")
    return had


def pss(smaps_rollup: str) -> int:
    """Kilobytes of memory in a /proc/PID/smaps_rollup: what is shared is divided among those who share it.

    Raises ValueError where it says nothing of it.
    """
    for line in smaps_rollup.splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0])
    raise ValueError("no line Pss in it")


def pss_megabytes(pids: Iterable[int]) -> float:
    """All that these processes hold."""
    return sum(pss((_PROC / str(pid) / "smaps_rollup").read_text()) for pid in pids) / 1024


def total(by_kind: Mapping[str, float]) -> float:
    """Of all kinds."""
    return sum(by_kind.values())


def _command_line(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """The fields after the name, of which the first is the state; none if it is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
