"""The metrics of a process, or of a group of processes that share PROMETHEUS_MULTIPROC_DIR, as Prometheus reads them.

The variable has to be set before anything of prometheus_client is imported: whoever starts the group sets it.
"""

import os
from pathlib import Path

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def render() -> tuple[bytes, str]:
    """The body and its content type; for a group it is the sum of what its processes, also dead ones, have counted."""
    import prometheus_client as prometheus  # noqa: PLC0415 - see above
    from prometheus_client import multiprocess  # noqa: PLC0415

    from wecom_bot.telemetry.freshness import Fresh  # noqa: PLC0415

    registry = prometheus.REGISTRY
    if _folder() is not None:
        registry = prometheus.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    shown = prometheus.CollectorRegistry()
    shown.register(Fresh(registry))
    return prometheus.generate_latest(shown), prometheus.CONTENT_TYPE_LATEST


def begin() -> None:
    """Make the group's folder, and forget what an earlier group has counted; before its first process starts."""
    folder = _folder()
    if folder is not None:
        wipe(folder)


def wipe(folder: Path) -> None:
    """Make this folder an empty one for a group."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink(missing_ok=True)


def forget(pid: int, folder: Path | None = None) -> None:
    """A process of the group ended: what it last measured is no longer so (what it counted still is)."""
    folder = folder or _folder()
    if folder is not None:
        from prometheus_client import multiprocess  # noqa: PLC0415 - see above

        multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _folder() -> Path | None:
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder) if folder else None
