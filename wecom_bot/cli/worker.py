"""`wecom-bot worker`: one process that answers customers."""

import click


@click.command()
def worker() -> None:
    """处理消息：从 Redis 取、作答、发送；SIGTERM 时办完手上的 / Answer customers, until SIGTERM."""
    from gevent import monkey  # noqa: PLC0415 - before anything that waits is imported

    monkey.patch_all()
    from wecom_bot.cli import workshop  # noqa: PLC0415

    workshop.work()
