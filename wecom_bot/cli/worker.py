"""`wecom-bot worker`: one process that answers customers."""

import os

import click

from wecom_bot import private, startup


@click.command()
def worker() -> None:
    """处理消息：从 Redis 取、作答、发送；SIGTERM 时办完手上的 / Answer customers, until SIGTERM."""
    os.umask(private.UMASK)
    startup.patch_all()  # before anything that waits is imported
    with startup.importing():
        from wecom_bot.cli import workshop  # noqa: PLC0415

    workshop.work()
