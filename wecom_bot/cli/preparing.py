"""What `serve` has done in other processes, which have the room for it: settings and SQL alone take forty megabytes.

Gateways and workers are forked from one process that has imported their program (`fork_server`); and before any of them
starts, the plan is made and the database brought up to date.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from wecom_bot import startup
from wecom_bot.telemetry import exposition, logs

if TYPE_CHECKING:
    from wecom_bot.settings import Settings

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the supervisor has to know of the settings; none of it is a secret."""

    host: str
    port: int
    data: Path
    own_redis: bool
    worker_processes: int
    gateway_processes: int
    shutdown_grace: timedelta
    stall: timedelta
    log_format: str
    log_level: str


_FIRST = ("wecom_bot.beginning", "wecom_bot.bootstrap.stores")
"""What `steps` need, and everybody else does, too."""

_PROGRAM = (
    "encodings.idna",  # which a name of a host needs
    "gunicorn.app.wsgiapp",
    "wecom_bot.bootstrap.gateway",
    "wecom_bot.cli.workshop",
    "wecom_bot.web.gunicorn_log",
    "wecom_bot.web.gunicorn_worker",
)
"""What gateways and workers need."""


def load() -> None:
    """Import what `steps` need."""
    startup.patch_before_fork()
    with startup.importing():
        for module in _FIRST:
            import_module(module)


def load_all(environment: Mapping[str, str], metrics: Path) -> None:
    """Import what gateways and workers need, and read the settings of their environment, for all of them.

    `metrics` is a folder for what is measured here, which is nothing.
    """
    exposition.wipe(metrics)
    os.environ.clear()
    os.environ |= environment
    os.environ[exposition.FOLDER_VARIABLE] = str(metrics)  # so that each of them can have one of its own
    with startup.importing():
        for module in _PROGRAM:
            import_module(module)
        from wecom_bot.beginning import begin  # noqa: PLC0415
        from wecom_bot.bootstrap import mind  # noqa: PLC0415

        begin()
        mind.rehearse()
    shutil.rmtree(metrics)


def steps(flags: Mapping[str, object], tenants: Path | None) -> Iterator[Plan | None]:
    """First the plan; then, once the data folder is taken, the database is brought up to date and the tenants are in.

    Raises ConfigurationError, InvalidInput, TemporaryFailure.
    """
    with startup.importing():
        from wecom_bot.beginning import begin  # noqa: PLC0415
        from wecom_bot.bootstrap import stores  # noqa: PLC0415 - see above
    settings = begin(**flags)
    settings = settings.model_copy(update={"data": settings.data.absolute()})
    yield _plan(settings)
    stores.migrate(settings)
    if tenants:
        _take_in(settings, tenants)
    yield None


def _plan(settings: "Settings") -> Plan:
    return Plan(
        settings.host,
        settings.port,
        settings.data,
        own_redis=not settings.redis_url,
        worker_processes=settings.worker_processes,
        gateway_processes=settings.gateway_processes,
        shutdown_grace=settings.shutdown_grace,
        stall=settings.stall,
        log_format=settings.log_format,
        log_level=settings.log_level,
    )


def _take_in(settings: "Settings", tenants: Path) -> None:
    """Import the file's tenants. Raises InvalidInput."""
    from wecom_bot.bootstrap.operation import operation  # noqa: PLC0415 - few starts bring any
    from wecom_bot.cli.machine_user import me  # noqa: PLC0415
    from wecom_bot.cli.reading import tenants_of  # noqa: PLC0415

    for corp_id, change in operation(settings).import_tenants(me(), tenants_of(tenants)):
        log.info("tenant.imported", corp_id=corp_id, change=change)
