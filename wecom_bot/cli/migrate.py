"""`wecom-bot migrate`."""

import click

from wecom_bot.bootstrap import stores
from wecom_bot.settings import load


@click.command()
def migrate() -> None:
    """建立或升级数据库表；可重复执行 / Create or upgrade the database schema; safe to repeat."""
    before, now = stores.migrate(load())
    if before == now:
        click.echo(f"数据库已是最新：{now} / the database is up to date")
    else:
        click.echo(f"数据库已升级：{before or '（空）'} → {now} / the database was upgraded")
