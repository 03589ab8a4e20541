"""`wecom-bot serve`: the whole bot on one machine, under one process that looks after the others.

That one stays as long as they do, so it imports little: what it needs but once is done aside (`preparing`). The others
are forked from one process that has imported the program (`fork_server`).
"""

import errno
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from wecom_bot import private, processes
from wecom_bot.bootstrap import valkey
from wecom_bot.cli import preparing
from wecom_bot.cli.children import Group, Process
from wecom_bot.cli.fork_server import ForkServer
from wecom_bot.cli.preparing import Plan
from wecom_bot.cli.pulse import Pulse
from wecom_bot.cli.supervisor import Supervisor
from wecom_bot.environment import PREFIX, drop_service_links
from wecom_bot.errors import ConfigurationError
from wecom_bot.telemetry import exposition, logs
from wecom_bot.web import gunicorn_conf

log = logs.get(__name__)

# What a process needs beyond its own grace, to notice and to say goodbye.
_MARGIN = timedelta(seconds=5)
_VALKEY_GRACE = timedelta(seconds=10)
_STATUS_LINE = 64  # bytes that come in one piece, and hold an HTTP status


@click.command()
@click.option("--host", help="监听地址 / address to listen on")
@click.option("--port", type=click.IntRange(0, 65535), help="网关端口，0 为任选 / port of the gateway, 0 for any")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="数据目录 / data folder")
@click.option(
    "--tenants",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="启动时导入的租户文件（TOML） / tenants to import at the start",
)
@click.option("--workers", type=click.IntRange(min=1), help="worker 进程数 / worker processes")
def serve(host: str | None, port: int | None, data: Path | None, tenants: Path | None, workers: int | None) -> None:
    """在一台机器上运行整个机器人，自带 Valkey 和 SQLite / Run the whole bot on this machine.

    Ctrl-C 或 SIGTERM 停止：先停收、再办完手上的、最后停存储；再按一次立即停。
    Ctrl-C or SIGTERM stops it in order; once more hurries.
    """
    flags: dict[str, Any] = {"host": host, "port": port, "data": data, "worker_processes": workers}
    os.umask(private.UMASK)  # for all that our children write, too
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored by who started us, it would hide our children's ends
    with ExitStack() as leaving:
        forks = leaving.enter_context(closing(ForkServer()))
        said = {name: value for name, value in flags.items() if value is not None}
        plan, door = _prepared(forks, said, tenants, leaving)
        supervisor = _supervisor(forks, plan, door, leaving)
        code = supervisor.run()
    if supervisor.failure:
        facts = ", ".join(supervisor.failure.values())
        click.echo(f"启动失败，已全部停止，原因见上面的日志 / could not start, see the log above: {facts}", err=True)
    sys.exit(code)


def _prepared(
    forks: ForkServer, flags: Mapping[str, Any], tenants: Path | None, leaving: ExitStack
) -> tuple[Plan, socket.socket]:
    """The plan and the open door, once the folder is ours and the database is as it should be."""
    forks.load(preparing.load)
    aside = processes.Aside(partial(preparing.steps, flags, tenants), forks.fork)
    try:
        plan: Plan = aside.next()
        drop_service_links(os.environ)  # of which it has told
        logs.configure(plan.log_format, plan.log_level)
        leaving.callback(os.close, processes.lock(plan.data))
        forks.load(partial(preparing.load_all, _environment(plan), plan.data / "metrics" / "fork-server"))
        door = leaving.enter_context(_door(plan.host, plan.port))
        aside.next()
    finally:
        aside.close()
    return plan, door


def _door(host: str, port: int) -> socket.socket:
    """The gateway's listening socket. It is ours, so that callbacks wait, unrefused, while gunicorn restarts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=gunicorn_conf.backlog)
    except OSError as e:
        if e.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"WECOM_BOT_PORT: {host}:{port} 已被别的程序占用，请换一个端口 / another program listens there"
            ) from e
        raise ConfigurationError(
            f"WECOM_BOT_HOST, WECOM_BOT_PORT: 不能监听 / cannot listen on {host}:{port}: {e}"
        ) from e


def _supervisor(forks: ForkServer, plan: Plan, door: socket.socket, leaving: ExitStack) -> Supervisor:
    groups = []
    environment = _environment(plan)
    if plan.own_redis:
        server = valkey.embedded_in(plan.data)
        leaving.callback(server.stop)
        groups.append(Group([server], _VALKEY_GRACE))
    workers = _workers(forks, plan, environment)
    pulse = Pulse(workers, plan.data / "workers", plan.stall)
    groups.append(Group(workers, plan.shutdown_grace + _MARGIN))
    gateway_grace = timedelta(seconds=gunicorn_conf.graceful_timeout) + _MARGIN
    groups.append(Group([_gateway(forks, plan, environment, door)], gateway_grace))
    host, port = door.getsockname()[:2]
    return Supervisor(groups, partial(_is_ready, host, port), partial(_announce, host, port), pulse.look)


def _environment(plan: Plan) -> dict[str, str]:
    """Ours, with what the command line said, so that every process has the same plan."""
    said = {
        "HOST": plan.host,
        "DATA": str(plan.data),
        "WORKER_PROCESSES": str(plan.worker_processes),
        **({"REDIS_URL": valkey.embedded_in(plan.data).url} if plan.own_redis else {}),
    }
    return {**os.environ, **{PREFIX + name: value for name, value in said.items()}}


def _gateway(forks: ForkServer, plan: Plan, environment: dict[str, str], door: socket.socket) -> Process:
    command = (
        *(sys.executable, "-m", "gunicorn", "--config", f"python:{gunicorn_conf.__name__}"),
        *("--bind", f"fd://{door.fileno()}", "--workers", str(plan.gateway_processes)),
    )
    metrics = {exposition.FOLDER_VARIABLE: str(plan.data / "metrics" / "gateway")}
    # Who comes after the gateway has closed is refused at once, and not left to wait for nobody.
    return Process(
        "gateway", command, environment | metrics, files=(door.fileno(),), stopping=door.close, start=forks.start
    )


def _workers(forks: ForkServer, plan: Plan, environment: dict[str, str]) -> list[Process]:
    folder = plan.data / "metrics" / "worker"
    exposition.wipe(folder)
    command = (sys.executable, "-m", "wecom_bot", "worker")
    metrics = {exposition.FOLDER_VARIABLE: str(folder)}
    ended = partial(exposition.forget, folder=folder)
    return [
        Process(f"worker-{number}", command, environment | metrics, ended=ended, start=forks.start)
        for number in range(1, plan.worker_processes + 1)
    ]


def _is_ready(host: str, port: int) -> bool:
    """Whether the gateway would take a callback."""
    try:
        with socket.create_connection((_reachable(host), port), timeout=1) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(_STATUS_LINE).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _announce(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"已就绪 / ready: http://{shown}:{port}  （Ctrl-C 停止 / stops it）")
    log.info("serve.ready", host=host, port=port)


def _reachable(host: str) -> str:
    """An address of ourselves, where we listen on all of them."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
